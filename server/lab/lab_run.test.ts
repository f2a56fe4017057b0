import { expect, test } from 'vitest'
import { startBroker } from '../broker/broker.ts'
import { Simulation } from '../env/sim.ts'
import { LAB_TOPIC, LabRun, type LabRunOptions } from './lab_run.ts'
import { type Control, type LabProcess, NO_PROCESS_FAULTS, type ProcessState } from './processes.ts'
import { isClean, type Run, type RunEvent } from './run_shape.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { scenarios } from './scenarios/scenarios.ts'

/** A real broker on a simulated machine, which the lab kills, and which then is started again as a supervisor does. */
async function lab(options: Partial<LabRunOptions> = {}) {
  const sim = new Simulation(1)
  const machine = sim.machine('broker')
  const supervisor = sim.machine('supervisor').boot()
  let state: ProcessState = 'starting'
  const acted: string[] = []
  const start = async () => {
    await startBroker({
      env: machine.boot(),
      nodeId: 1,
      dataDir: '/data',
      host: 'broker',
      port: 9092,
      settings: new Map(),
      syncAcksAll: true,
      write: () => {},
    })
    state = 'running'
  }
  await sim.time.runUntilSettled(start())
  const control: Control = {
    processes: async (): Promise<LabProcess[]> => [
      {
        id: 'broker-1',
        name: 'Broker 1',
        role: 'broker',
        nodeId: 1,
        pid: 1,
        state,
        sinceMs: 0,
        memoryBytes: null,
        cpuMs: null,
        faults: NO_PROCESS_FAULTS,
        controllable: true,
      },
    ],
    act: async (process, action) => {
      acted.push(`${action} ${process}`)
      if (action === 'kill' || action === 'killAndHold') {
        machine.kill()
        state = action === 'kill' ? 'restarting' : 'stopped'
      }
      if (action === 'kill' || action === 'start') supervisor.clock.after(500, () => void start())
    },
    setFaults: async () => {},
  }
  const starting = LabRun.start(sim.machine('client').boot(), {
    id: 'run-1',
    bootstrap: ['broker:9092'],
    control,
    scenario: null,
    partitions: 3,
    replicationFactor: 1,
    minInsyncReplicas: 1,
    ...options,
  })
  const run = await sim.time.runUntilSettled(starting)
  const ended = new Promise<Run>((resolve) => (run.onEnd = resolve))
  return { sim, run, acted, end: () => sim.time.runUntilSettled(ended, 300_000) }
}

const ofKind = <K extends RunEvent['kind']>(run: Run, kind: K) =>
  run.events.filter((e): e is Extract<RunEvent, { kind: K }> => e.kind === kind)

test('a run by hand writes to every partition until it is stopped, and finds every record again', async () => {
  const { sim, run, end } = await lab()
  await sim.time.runFor(5_500)
  expect(run.read().seconds.map((second) => second.acks)).toEqual(Array(5).fill([10, 10, 10]))
  run.stop()
  const { summary, head, events } = await end()
  expect(summary).toMatchObject({ passed: null, seconds: 5, goodSeconds: 5, failed: 0, errors: {}, droppedEvents: 0 })
  expect(summary!.verdict).toMatchObject({ lost: 0, doubled: 0, outOfOrder: 0, elsewhere: 0 })
  expect(summary!.verdict!.acknowledged).toBe(summary!.sent)
  expect(head).toMatchObject({ topic: LAB_TOPIC, brokers: 1, embedded: true, scenario: null })
  expect(events.filter((e) => e.kind === 'partition').map((e) => [e.partition, e.leader, e.isr])).toEqual([
    [0, 1, [1]],
    [1, 1, [1]],
    [2, 1, [1]],
  ])
})

test('a scenario kills the only broker: a gap is measured, nothing is lost, and each step tells what happened', async () => {
  const { end, acted } = await lab({ scenario: scenarios.find((s) => s.id === 'broker-killed')! })
  const run = await end()
  expect(run.summary!.passed).toBe(true)
  expect(acted).toEqual(['kill broker-1'])
  expect(isClean(run.summary!.verdict!)).toBe(true)
  expect(run.summary!.verdict!.acknowledged).toBeGreaterThan(3)
  expect(run.summary!.longestGapMs).toBeGreaterThan(0)
  expect(ofKind(run, 'step').map((e) => `${e.step} ${e.state}`)).toEqual(
    [0, 1, 2, 3, 4, 5, 6].flatMap((step) => [`${step} running`, `${step} passed`]),
  )
  expect(ofKind(run, 'process').map((e) => e.state)).toContain('restarting')
  expect(ofKind(run, 'action')).toMatchObject([{ process: 'broker-1', action: 'kill' }])
})

const base: Omit<Scenario, 'steps'> = {
  id: 'own',
  brokers: 1,
  partitions: 2,
  replicationFactor: 1,
  minInsyncReplicas: 1,
}

test('a step that does not come true in time fails the scenario: nothing more is done, all is set right, and what is to be checked is checked', async () => {
  const scenario: Scenario = {
    ...base,
    steps: [
      { do: 'act', who: 'a', action: 'killAndHold' },
      { do: 'await', what: 'writes', withinMs: 2_000 },
      { do: 'act', who: 'a', action: 'pause' },
      { do: 'nothingLost' },
    ],
  }
  const { end, acted } = await lab({ scenario, partitions: 2 })
  const run = await end()
  expect(run.summary!.passed).toBe(false)
  expect(acted).toEqual(['killAndHold broker-1', 'start broker-1'])
  expect(ofKind(run, 'step').map((e) => `${e.step} ${e.state}`)).toEqual([
    ...['0 running', '0 passed', '1 running', '1 failed', '2 skipped', '3 running', '3 passed'],
  ])
})

test('a scenario that is stopped is neither passed nor failed, and what was done is undone', async () => {
  const scenario: Scenario = {
    ...base,
    steps: [{ do: 'act', who: 'a', action: 'killAndHold' }, { do: 'hold', ms: 60_000 }, { do: 'nothingLost' }],
  }
  const { sim, run, end, acted } = await lab({ scenario })
  await sim.time.runFor(3_000)
  run.stop()
  const ended = await end()
  expect([ended.summary!.passed, acted]).toEqual([null, ['killAndHold broker-1', 'start broker-1']])
  expect(ended.summary!.goodSeconds).toBeLessThan(ended.summary!.seconds)
})

test('a scenario for which the cluster lacks a node says so and fails', async () => {
  const scenario: Scenario = { ...base, steps: [{ do: 'act', who: 'b', action: 'kill' }] }
  const { end } = await lab({ scenario })
  const run = await end()
  expect(run.summary!.passed).toBe(false)
  expect(ofKind(run, 'trouble')).toMatchObject([{ step: 0, message: 'The cluster has no process for the part b.' }])
})
