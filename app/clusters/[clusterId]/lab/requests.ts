/** What is done to a process and the beginning of a run, as requests for the plan dialog. */
import type { Action, ProcessFaults } from '../../../../server/console/shapes/lab.ts'
import type { PlanRequest } from '../../../_ui/plan-dialog.tsx'
import type { Inputs, useTRPCClient } from '../../../_ui/trpc.tsx'
import type { messages } from './messages.ts'

interface Args {
  readonly client: ReturnType<typeof useTRPCClient>
  readonly cluster: string
  readonly m: (typeof messages)['en']
}

interface Target {
  readonly id: string
  /** In the reader's language. */
  readonly name: string
}

export function actRequest(
  { client, cluster, m }: Args,
  { id, name }: Target,
  action: Action,
): PlanRequest<Inputs['lab']['applyAct']> {
  return {
    title: m.planTitles[action](name),
    verb: m.verbs[action],
    danger: true,
    make: async () => {
      const plan = await client.lab.planAct.mutate({ cluster, process: id, action })
      const states = m.processes.states as Readonly<Record<string, string>>
      const steps = plan.steps.map((step) => ({
        ...step,
        subject: name,
        before: states[step.before ?? ''] ?? step.before,
        after: m.did[action],
      }))
      return [{ ...plan, steps }]
    },
    apply: (input) => client.lab.applyAct.mutate(input),
    said: m.done[action](name),
  }
}

export function faultsRequest(
  { client, cluster, m }: Args,
  { id, name }: Target,
  faults: ProcessFaults,
): PlanRequest<Inputs['lab']['applyFaults']> {
  return {
    title: m.faults.title(name),
    verb: m.faults.verb,
    danger: true,
    make: async () => {
      const plan = await client.lab.planFaults.mutate({ cluster, process: id, faults })
      const say = (value: string | null) => (m.faults.values as Readonly<Record<string, string>>)[value ?? ''] ?? value
      const steps = plan.steps.map((step) => ({
        ...step,
        subject: (m.faults.names as Readonly<Record<string, string>>)[step.subject] ?? step.subject,
        before: say(step.before),
        after: say(step.after),
      }))
      return [{ ...plan, steps }]
    },
    apply: (input) => client.lab.applyFaults.mutate(input),
    said: m.faults.set(name),
  }
}

export function startRequest(
  { client, cluster, m }: Args,
  { scenario, watched }: { scenario: string | null; watched: string | null },
  begun: (run: string) => void,
): PlanRequest<Inputs['lab']['applyStart']> {
  return {
    title: m.run.starting,
    verb: m.run.startVerb,
    make: async () => [await client.lab.planStart.mutate({ cluster, scenario, watched })],
    apply: async (input) => {
      const applied = await client.lab.applyStart.mutate(input)
      begun(applied.run)
      return applied
    },
    said: m.run.started,
  }
}
