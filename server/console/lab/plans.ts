/** What an act, a fault or a run will change, said before it is done, and whom it concerns. */
import type { TopicMetadata } from '../../client/metadata.ts'
import { basisOf, note } from '../plans.ts'
import type {
  Action,
  ApplyAct,
  ApplyFaults,
  ApplyStart,
  LabProcess,
  PlanAct,
  PlanFaults,
  PlanStart,
  ProcessFaults,
} from '../shapes/lab.ts'
import type { Affected, Note, Plan, PlanStep } from '../shapes/plan.ts'

/** What a process is afterwards. */
const AFTER: Readonly<Record<Action, string>> = {
  kill: 'killed, started again',
  killAndHold: 'stopped',
  pause: 'paused',
  resume: 'running',
  stop: 'stopped',
  start: 'running',
  restart: 'restarted',
}
/** It serves nobody for a while. */
const ENDS: ReadonlySet<Action> = new Set(['kill', 'killAndHold', 'pause', 'stop', 'restart'])

export function actPlan(
  input: PlanAct,
  process: LabProcess,
  topics: readonly TopicMetadata[],
  processes: readonly LabProcess[],
): Plan<ApplyAct> {
  const steps: PlanStep[] = [
    { kind: 'process', subject: process.name, before: process.state, after: AFTER[input.action] },
  ]
  return {
    action: `lab.${input.action}`,
    resource: { type: 'process', name: process.id },
    steps,
    affected: ENDS.has(input.action) ? affected(process, topics) : [],
    notes: ENDS.has(input.action) ? notes(process, topics, processes) : [],
    reversible: true,
    validated: false,
    apply: { ...input, basis: basisOf(steps) },
  }
}

export function faultsPlan(
  input: PlanFaults,
  process: LabProcess,
  topics: readonly TopicMetadata[],
  processes: readonly LabProcess[],
): Plan<ApplyFaults> {
  const names: readonly (keyof ProcessFaults)[] = ['cutOff', 'slowDiskMs', 'fullDisk']
  const steps = names.flatMap((name): PlanStep[] => {
    const [before, after] = [process.faults[name], input.faults[name]].map(faultText)
    return before === after ? [] : [{ kind: 'fault', subject: name, before: before!, after: after! }]
  })
  const worse = input.faults.cutOff !== 'no' || input.faults.fullDisk
  return {
    action: 'lab.faults',
    resource: { type: 'process', name: process.id },
    steps,
    affected: worse ? affected(process, topics) : [],
    notes: worse ? notes(process, topics, processes) : [],
    reversible: true,
    validated: false,
    apply: { ...input, basis: basisOf(steps) },
  }
}

const faultText = (value: string | number | boolean): string =>
  typeof value === 'number' ? `${value} ms` : value === true ? 'yes' : value === false ? 'no' : value

export function startPlan(
  input: PlanStart,
  o: { topic: string; exists: boolean; partitions: number; replicationFactor: number; minInsyncReplicas: number },
): Plan<ApplyStart> {
  const shape = `${o.partitions} × ${o.replicationFactor}, min.insync.replicas=${o.minInsyncReplicas}`
  const steps: PlanStep[] = [
    { kind: 'topic', subject: o.topic, before: o.exists ? 'as the last run left it' : null, after: shape },
  ]
  return {
    action: 'lab.run',
    resource: { type: 'cluster', name: input.scenario ?? 'by hand' },
    steps,
    affected: [],
    notes: [
      note('info', 'lab-writes', `Ten records a second are written to each of ${o.partitions} partitions.`, {
        partitions: o.partitions,
      }),
      ...(input.scenario === null
        ? []
        : [note('warning', 'lab-disturbs', 'The scenario disturbs processes that serve everybody on this cluster.')]),
    ],
    reversible: false,
    validated: false,
    apply: { ...input, basis: basisOf(steps) },
  }
}

const leads = (process: LabProcess, topic: TopicMetadata) => topic.partitions.filter((p) => p.leader === process.nodeId)

/** Topics of which it leads something. */
function affected(process: LabProcess, topics: readonly TopicMetadata[]): Affected[] {
  if (process.role !== 'broker') return []
  return topics.flatMap((t) => {
    const led = leads(process, t).length
    if (led === 0) return []
    const message = `It leads ${led} of ${t.partitions.length} partitions.`
    const values = { led, partitions: t.partitions.length }
    return [{ type: 'topic' as const, name: t.name, note: note('info', 'lab-leads', message, values) }]
  })
}

function notes(process: LabProcess, topics: readonly TopicMetadata[], processes: readonly LabProcess[]): Note[] {
  if (process.role === 'controller')
    return [
      note(
        'warning',
        'lab-no-controller',
        'Without a controller no leader is elected and no topic created; who leads what stays as it is.',
      ),
    ]
  const up = new Set(processes.filter((p) => p.state === 'running' && p !== process).map((p) => p.nodeId))
  const alone = topics
    .flatMap((t) => leads(process, t))
    .filter((p) => !p.isr.some((id) => id !== process.nodeId && up.has(id))).length
  if (alone === 0) return []
  const message = `No other replica in sync: ${alone} partitions have no leader until it is back.`
  return [note('danger', 'lab-offline', message, { partitions: alone })]
}
