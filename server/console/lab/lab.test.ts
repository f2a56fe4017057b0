import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { TopicMetadata } from '../../client/metadata.ts'
import { NetworkError } from '../../env/env.ts'
import { nodeEnv } from '../../env/node.ts'
import type { Control, LabProcess } from '../../lab/processes.ts'
import { simulatedCluster } from '../../sim/lab_cluster.ts'
import type { Actor, AuditLog } from '../audit.ts'
import type { ClusterConnection } from '../cluster/connection.ts'
import { createConsole } from '../console.ts'
import type { ConsoleService } from '../service.ts'
import { NO_PROCESS_FAULTS, type PlanStart, type Run, scenarios } from '../shapes/lab.ts'
import { openStore, type Store } from '../store/store.ts'
import { KeptRuns } from './kept_runs.ts'
import { Lab } from './lab.ts'
import { actPlan, faultsPlan } from './plans.ts'

const processOf = (nodeId: number, more: Partial<LabProcess> = {}): LabProcess => ({
  id: `broker-${nodeId}`,
  name: `Broker ${nodeId}`,
  role: 'broker',
  nodeId,
  pid: 100 + nodeId,
  state: 'running',
  sinceMs: 0,
  memoryBytes: 1,
  cpuMs: 1,
  faults: NO_PROCESS_FAULTS,
  controllable: true,
  ...more,
})

// --- plans ---

const partition = (leader: number, isr: number[]) => ({
  partition: 0,
  leader,
  leaderEpoch: 0,
  replicas: [1, 2, 3],
  isr,
  offlineReplicas: [],
  error: null,
})
const topic = (name: string, partitions: TopicMetadata['partitions']): TopicMetadata => ({
  name,
  topicId: null,
  isInternal: false,
  partitions,
  error: null,
  at: 0,
})
const three = [1, 2, 3].map((id) => processOf(id))
const topics = [
  topic('orders', [partition(1, [1, 2]), partition(2, [2, 1])]),
  topic('alone', [partition(1, [1])]),
  topic('elsewhere', [partition(3, [3])]),
]

test('a plan names the topics that the broker leads, and how many partitions nobody else can lead', () => {
  const plan = actPlan({ cluster: 'c', process: 'broker-1', action: 'killAndHold' }, three[0]!, topics, three)
  expect(plan.steps).toEqual([{ kind: 'process', subject: 'Broker 1', before: 'running', after: 'stopped' }])
  expect(plan.affected.map((a) => [a.name, a.note!.values])).toEqual([
    ['orders', { led: 1, partitions: 2 }],
    ['alone', { led: 1, partitions: 1 }],
  ])
  expect(plan.notes.map((n) => [n.code, n.values])).toEqual([['lab-offline', { partitions: 1 }]])
})

test('a replica in sync that does not run counts for nobody', () => {
  const down = [three[0]!, processOf(2, { state: 'stopped' }), three[2]!]
  const plan = actPlan({ cluster: 'c', process: 'broker-1', action: 'pause' }, down[0]!, topics, down)
  expect(plan.notes.map((n) => n.values)).toEqual([{ partitions: 2 }])
})

test('to wake or to start a process concerns nobody', () => {
  const plan = actPlan({ cluster: 'c', process: 'broker-1', action: 'resume' }, three[0]!, topics, three)
  expect([plan.affected, plan.notes]).toEqual([[], []])
})

test('a plan of faults says what changes and nothing else', () => {
  const faults = { ...NO_PROCESS_FAULTS, slowDiskMs: 200, fullDisk: true }
  const plan = faultsPlan({ cluster: 'c', process: 'broker-1', faults }, three[0]!, topics, three)
  expect(plan.steps).toEqual([
    { kind: 'fault', subject: 'slowDiskMs', before: '0 ms', after: '200 ms' },
    { kind: 'fault', subject: 'fullDisk', before: 'no', after: 'yes' },
  ])
})

test('every scenario ends with everything set right by its own steps, and asks for what was acknowledged', () => {
  for (const { id, steps } of scenarios) {
    const held = new Set<string>()
    for (const step of steps) {
      if (step.do === 'act' && ['killAndHold', 'pause', 'stop'].includes(step.action)) held.add(step.who)
      if (step.do === 'act' && ['start', 'resume', 'restart'].includes(step.action)) held.delete(step.who)
      if (step.do === 'faults') {
        if (JSON.stringify(step.faults) === JSON.stringify(NO_PROCESS_FAULTS)) held.delete(`fault ${step.who}`)
        else held.add(`fault ${step.who}`)
      }
    }
    expect([...held], id).toEqual([])
    expect(
      steps.some((s) => s.do === 'nothingLost'),
      id,
    ).toBe(true)
  }
})

// --- through the router ---

let folder: string
let service: ConsoleService
let acted: string[]
let processes: LabProcess[]

const start = (control: Control | null) => {
  const env = nodeEnv()
  const connect = () => Promise.reject(new NetworkError('ECONNREFUSED', 'nobody listens there'))
  const warn = () => {}
  const silent = { ...env, network: { ...env.network, connect } }
  return createConsole({ bootstrap: ['127.0.0.1:1'], dataDir: folder, embedded: true, control, env: silent, warn })
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-lab-'))
  acted = []
  processes = [processOf(1), { ...processOf(0), id: 'console', role: 'console', nodeId: null, controllable: false }]
  service = await start({
    processes: async () => processes,
    act: async (process, action) => {
      if (action === 'resume') throw new Error('Broker 1 is not paused.')
      acted.push(`${action} ${process}`)
    },
    setFaults: async (process, faults) => void acted.push(`${process} ${JSON.stringify(faults)}`),
  })
})
afterEach(async () => {
  await service.close()
  rmSync(folder, { recursive: true, force: true })
})

const ask = async (path: string, input: Record<string, unknown>, method: 'GET' | 'POST' = 'POST') => {
  const text = JSON.stringify({ cluster: 'default', ...input })
  const url = `http://localhost/api/trpc/lab.${path}${method === 'GET' ? `?input=${encodeURIComponent(text)}` : ''}`
  const init = { method, headers: { host: 'localhost', 'content-type': 'application/json' } }
  const response = await service.handle(new Request(url, method === 'GET' ? init : { ...init, body: text }))
  const json = (await response.json()) as any
  return json.result ? json.result.data : json.error.data.problem
}
const audited = async () =>
  (
    await service.cluster('default').audit.list({
      cluster: 'default',
      search: '',
      resourceType: 'process',
      resourceName: null,
      outcome: null,
      page: 1,
      perPage: 50,
    })
  ).rows.map((r) => [r.action, r.resourceName, r.outcome])

test('what a plan says is done, and written down, also while the cluster is silent', async () => {
  const plan = await ask('planAct', { process: 'broker-1', action: 'kill' })
  expect(plan.steps).toHaveLength(1)
  expect(await ask('applyAct', plan.apply)).toMatchObject({ message: 'Broker 1: killed, started again.' })
  expect(acted).toEqual(['kill broker-1'])
  expect(await audited()).toEqual([['lab.kill', 'broker-1', 'applied']])
})

test('a plan that was made for another state of the process is not carried out', async () => {
  const plan = await ask('planAct', { process: 'broker-1', action: 'kill' })
  processes = [processOf(1, { state: 'paused' })]
  expect(await ask('applyAct', plan.apply)).toMatchObject({ code: 'PLAN_OUTDATED' })
  expect(acted).toEqual([])
})

test('what the supervisor refuses is told in its words, and written down as failed', async () => {
  const { apply } = await ask('planAct', { process: 'broker-1', action: 'resume' })
  expect(await ask('applyAct', apply)).toMatchObject({ code: 'INVALID', message: 'Broker 1 is not paused.' })
  expect(await audited()).toEqual([['lab.resume', 'broker-1', 'failed']])
})

test('the process that serves the lab is left alone', async () => {
  expect(await ask('planAct', { process: 'console', action: 'pause' })).toMatchObject({ code: 'INVALID' })
  expect(await ask('planAct', { process: 'broker-9', action: 'pause' })).toMatchObject({ code: 'NOT_FOUND' })
})

test('faults are set as planned, and a time that makes no sense is refused by its field', async () => {
  const faults = { cutOff: 'silent', slowDiskMs: 0, fullDisk: false }
  const { apply } = await ask('planFaults', { process: 'broker-1', faults })
  await ask('applyFaults', apply)
  expect(acted).toEqual([`broker-1 ${JSON.stringify(faults)}`])
  const refused = await ask('planFaults', { process: 'broker-1', faults: { ...faults, slowDiskMs: 1e9 } })
  expect(refused.fields).toEqual([{ field: 'faults.slowDiskMs', message: expect.stringContaining('At most a minute') }])
})

test('where the brokers are not ours there is nothing to act on', async () => {
  await service.close()
  service = await start(null)
  expect(await ask('state', {}, 'GET')).toEqual({ embedded: false, brokers: 0, running: null })
  expect(await ask('planAct', { process: 'broker-1', action: 'kill' })).toMatchObject({ code: 'UNSUPPORTED' })
  expect(await ask('runs', {}, 'GET')).toEqual([])
})

test('whoever watches is told of the processes at once, and let go of at once', async () => {
  const stop = new AbortController()
  const ticks = service.cluster('default').lab.live(stop.signal)[Symbol.asyncIterator]()
  const first = await ticks.next()
  expect(first.value.processes.map((p: LabProcess & { cpu: number | null }) => [p.id, p.state, p.cpu])).toEqual([
    ['broker-1', 'running', null],
    ['console', 'running', null],
  ])
  expect(first.value.run).toBeNull()
  const next = ticks.next()
  stop.abort()
  expect((await next).done).toBe(true)
})

test('a run is kept as it goes, so that it outlives a console that dies in the middle', async () => {
  const { sim, control, bootstrap } = await simulatedCluster({ seed: 1, sessionMs: 4_000 })
  const rows: { id: string; passed: boolean | null; seconds: number; run: string }[] = []
  const labRun = {
    upsert: async ({ create }: { create: (typeof rows)[number] }) => void rows.push(create),
    findMany: async () => [],
  }
  const connection = {
    bootstrap,
    refresh: async () => ({ brokers: [1, 2, 3] }),
    metadata: async () => ({ byName: new Map() }),
  }
  const lab = new Lab({
    env: sim.machine('console').boot(),
    connection: connection as unknown as ClusterConnection,
    control,
    audit: { record: async (_who: unknown, _what: unknown, work: () => unknown) => work() } as unknown as AuditLog,
    store: () => ({ db: () => ({ labRun }) }) as unknown as Store,
    cluster: 'default',
    warn: (message) => expect.unreachable(message),
  })
  const asked = { cluster: 'default', scenario: null, partitions: 2, watched: null } as unknown as PlanStart
  const { apply } = await sim.time.runUntilSettled(lab.planStart(asked))
  await sim.time.runUntilSettled(lab.applyStart(apply, { who: 'me' } as unknown as Actor))
  await sim.time.runFor(25_000)
  expect(rows.map((row) => [row.passed, row.seconds])).toEqual([
    [null, 9],
    [null, 19],
  ])
  const { head, seconds, summary } = JSON.parse(rows[1]!.run) as Run
  expect([head.id, seconds.length, summary!.verdict]).toEqual([rows[0]!.id, 19, null])
  await sim.time.runUntilSettled(lab.close())
  expect(rows).toHaveLength(3)
  expect((JSON.parse(rows[2]!.run) as Run).summary!.verdict).toMatchObject({ lost: 0 })
  await sim.time.runFor(25_000)
  expect(rows).toHaveLength(3)
})

test('runs are kept whole, the newest hundred of each cluster', async () => {
  const store = await openStore(join(folder, 'runs.db'), { nowMs: 0 })
  const kept = new KeptRuns(() => store, 'one')
  const other = new KeptRuns(() => store, 'other')
  const runOf = (n: number): Run & { summary: NonNullable<Run['summary']> } => ({
    head: { id: `run-${n}`, scenario: null, startedAtMs: 1_700_000_000_000 + n } as Run['head'],
    events: [{ atMs: 1, kind: 'action', process: 'broker-1', action: 'kill' }],
    seconds: [{ atMs: 1, acks: [1, 2] }],
    summary: { endedAtMs: 1_700_000_000_001 + n, passed: null, seconds: 1, goodSeconds: 1 } as NonNullable<
      Run['summary']
    >,
  })
  await other.keep(runOf(1_000), 'local')
  for (let n = 0; n < 102; n++) await kept.keep(runOf(n), 'local')
  const list = await kept.list()
  expect([list.length, list[0]!.id, list.at(-1)!.id]).toEqual([100, 'run-101', 'run-2'])
  expect(list[0]).toEqual({
    id: 'run-101',
    scenario: null,
    startedAtMs: 1_700_000_000_101,
    endedAtMs: 1_700_000_000_102,
    passed: null,
    seconds: 1,
    goodSeconds: 1,
    startedBy: 'local',
  })
  expect(await kept.get('run-50')).toEqual(runOf(50))
  await expect(kept.get('run-0')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(kept.get('run-1000')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await kept.keep({ ...runOf(50), seconds: [] }, 'local')
  expect(await kept.get('run-50')).toEqual({ ...runOf(50), seconds: [] })
  await kept.delete('run-50')
  await expect(kept.get('run-50')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await store.close()
})
