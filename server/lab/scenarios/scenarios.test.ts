/** Every scenario on a simulated cluster, in virtual time: what the page shows and the browser's tests see on real processes. */
import { describe, expect, test } from 'vitest'
import { simulatedCluster } from '../../sim/lab_cluster.ts'
import { LabRun } from '../lab_run.ts'
import type { Run } from '../run_shape.ts'
import type { Scenario } from './scenario.ts'
import { scenarios } from './scenarios.ts'

const seeds = [1, 2]
/** Shorter than by default, so that the scenarios' bounds leave room. */
const sessionMs = 4_000

/** What the scenario came to, and when it did not pass, where it broke. */
async function play(id: string, seed: number, other: Partial<Scenario> = {}): Promise<Run> {
  const { sim, control, bootstrap } = await simulatedCluster({ seed, sessionMs })
  const scenario = { ...scenarios.find((s) => s.id === id)!, ...other }
  const { partitions, replicationFactor, minInsyncReplicas } = scenario
  const shape = { partitions, replicationFactor, minInsyncReplicas }
  const run = await sim.time.runUntilSettled(
    LabRun.start(sim.machine('lab').boot(), { id: 'run', bootstrap, control, scenario, ...shape }),
  )
  const ended = new Promise<Run>((resolve) => {
    run.onEnd = resolve
  })
  return sim.time.runUntilSettled(ended, 600_000)
}

const stepsOf = (run: Run) => run.events.flatMap((e) => (e.kind === 'step' || e.kind === 'trouble' ? [e] : []))

describe.each(scenarios.filter((s) => s.brokers === 3).map((s) => s.id))('%s', (id) => {
  test.each(seeds)(
    'goes as it should, seed %i',
    async (seed) => {
      const run = await play(id, seed)
      expect(run.summary!.passed, JSON.stringify(stepsOf(run), null, 1)).toBe(true)
      expect(run.summary!.verdict).toMatchObject({ lost: 0, doubled: 0, outOfOrder: 0, elsewhere: 0 })
    },
    120_000,
  )
})

// A judge that never convicted is not yet a judge.
test('two brokers down are no reason to refuse with min.insync.replicas=1, and the scenario says that they were not refused', async () => {
  const run = await play('two-down', 1, { minInsyncReplicas: 1 })
  expect(run.summary!.passed).toBe(false)
  const failed = run.events.find((e) => e.kind === 'step' && e.state === 'failed')
  const { steps } = scenarios.find((s) => s.id === 'two-down')!
  expect(steps[(failed as { step: number }).step]).toMatchObject({ what: 'refused' })
}, 60_000)

test('what one broker alone has acknowledged is lost with its disk, and the scenario says so', async () => {
  const { sim, control, bootstrap, loseDisk } = await simulatedCluster({ seed: 1, sessionMs })
  const steps: Scenario['steps'] = [
    { do: 'await', what: 'writes', withinMs: 10_000 },
    { do: 'act', who: 'a', action: 'killAndHold' },
    { do: 'hold', ms: 1_000 },
    { do: 'act', who: 'a', action: 'start' },
    { do: 'await', what: 'writes', withinMs: 60_000 },
    { do: 'nothingLost' },
  ]
  const shape = { partitions: 3, replicationFactor: 1, minInsyncReplicas: 1 }
  const scenario = { id: 'own', brokers: 1, ...shape, steps }
  const run = await sim.time.runUntilSettled(
    LabRun.start(sim.machine('lab').boot(), { id: 'run', bootstrap, control, scenario, ...shape }),
  )
  const ended = new Promise<Run>((resolve) => {
    run.onEnd = resolve
  })
  await sim.time.runUntil(() => run.recorder.events.some((e) => e.kind === 'process' && e.state === 'stopped'))
  loseDisk()
  const { summary } = await sim.time.runUntilSettled(ended, 600_000)
  expect(summary!.passed).toBe(false)
  expect(summary!.verdict!.lost).toBeGreaterThan(0)
}, 60_000)
