import { expect, test } from 'vitest'
import { type Faults, NO_FAULTS } from '../env/faults.ts'
import { type Controlled, faultsOf, LabControl } from './control.ts'
import { NO_PROCESS_FAULTS, type ProcessFaults, type ProcessState } from './processes.ts'
import { usageOf } from './usage.ts'

class FakeProcess implements Controlled {
  readonly id: string
  readonly name: string
  readonly pid = undefined
  state: ProcessState = 'running'
  readonly sinceMs = 5
  port: number | null
  readonly done: string[] = []
  readonly given: Faults[] = []

  constructor(
    readonly role: string,
    readonly nodeId: number | null,
  ) {
    this.id = nodeId === null ? role : `${role}-${nodeId}`
    this.name = `The ${role} ${nodeId}`
    this.port = nodeId === null ? null : 9000 + nodeId
  }
  kill = async () => void this.done.push('kill')
  pause = () => this.done.push('pause')
  resume = () => this.done.push('resume')
  hold = () => this.done.push('hold')
  release = () => this.done.push('release')
  end = async () => void this.done.push('end')
  give = (faults: Faults) => this.given.push(faults)
}

function lab() {
  const [one, two, three] = [1, 2, 3].map((id) => new FakeProcess('broker', id)) as [
    FakeProcess,
    FakeProcess,
    FakeProcess,
  ]
  const console = new FakeProcess('console', null)
  const all = [one, two, three, console]
  return { control: new LabControl(() => all), one, two, three, console }
}
const some = (faults: Partial<ProcessFaults>): ProcessFaults => ({ ...NO_PROCESS_FAULTS, ...faults })

test('a restart is a clean stop of a process that is held meanwhile, so that nobody else starts it', async () => {
  const { control, two } = lab()
  await control.answer({ do: 'act', process: 'broker-2', action: 'restart' })
  expect(two.done).toEqual(['hold', 'end', 'release'])
})

test('a killed process is started again by who watches it, unless it is held', async () => {
  const { control, two } = lab()
  await control.answer({ do: 'act', process: 'broker-2', action: 'killAndHold' })
  expect(two.done).toEqual(['hold', 'kill'])
})

const refuse = (call: Parameters<LabControl['answer']>[0], error: string) =>
  test(`${JSON.stringify(call)}: ${error}`, async () => {
    const { control, one, console } = lab()
    expect(await control.answer(call)).toEqual({ error })
    expect([one.done, console.done]).toEqual([[], []])
  })
refuse(
  { do: 'act', process: 'console', action: 'pause' },
  'The console null is left alone: it is no node of the cluster.',
)
refuse({ do: 'act', process: 'broker-7', action: 'pause' }, 'There is no process broker-7.')
refuse({ do: 'act', process: 'broker-1', action: 'pause' }, 'The broker 1 does not run.')
refuse({ do: 'act', process: 'broker-1', action: 'resume' }, 'The broker 1 is not paused.')

test('one that is cut off gets the ports of all others, and all others get its port', () => {
  const nodes = [1, 2, 3].map((n) => ({
    id: `broker-${n}`,
    port: 9000 + n,
    faults: n === 2 ? some({ cutOff: 'reset', slowDiskMs: 7 }) : NO_PROCESS_FAULTS,
  }))
  expect(Object.fromEntries(faultsOf(nodes))).toEqual({
    'broker-1': { ...NO_FAULTS, cutPorts: [9002], cutHow: 'reset' },
    'broker-2': { ...NO_FAULTS, cutPorts: [9001, 9003], cutHow: 'reset', slowDiskMs: 7 },
    'broker-3': { ...NO_FAULTS, cutPorts: [9002], cutHow: 'reset' },
  })
})

test('faults outlive the process that has them: a new one is told, and of new ports everybody; whoever has none is not disturbed', async () => {
  const { control, one, two, three } = lab()
  control.changed(one)
  expect(one.given).toEqual([])
  await control.answer({ do: 'faults', process: 'broker-1', faults: some({ fullDisk: true }) })
  expect([one.given.length, two.given.length]).toEqual([1, 0])
  one.state = 'starting'
  control.changed(one)
  expect(one.given).toEqual([
    { ...NO_FAULTS, fullDisk: true },
    { ...NO_FAULTS, fullDisk: true },
  ])
  await control.answer({ do: 'faults', process: 'broker-1', faults: some({ cutOff: 'silent' }) })
  expect([two.given, three.given].map((g) => g.at(-1)!.cutPorts)).toEqual([[9001], [9001]])
  one.port = 9011
  one.state = 'running'
  control.changed(one)
  expect(two.given.at(-1)!.cutPorts).toEqual([9011])
  await control.answer({ do: 'faults', process: 'broker-1', faults: NO_PROCESS_FAULTS })
  expect([one, two, three].map((p) => p.given.at(-1))).toEqual([NO_FAULTS, NO_FAULTS, NO_FAULTS])
})

test('what a scenario did is undone when who plays it is gone, and what somebody did by hand stays', async () => {
  const { control, one, two, three } = lab()
  const ask = (call: Parameters<LabControl['answer']>[0]) => control.answer(call, 'console')
  const full = some({ fullDisk: true })
  await ask({ do: 'faults', process: 'broker-1', faults: full, passing: true })
  await ask({ do: 'act', process: 'broker-1', action: 'stop', passing: true })
  await ask({ do: 'faults', process: 'broker-2', faults: full })
  await ask({ do: 'act', process: 'broker-3', action: 'stop', passing: true })
  // Over, and undone by who plays it; then stopped by hand.
  await ask({ do: 'act', process: 'broker-3', action: 'start' })
  await ask({ do: 'act', process: 'broker-3', action: 'stop' })
  one.state = 'paused'
  control.gone('somebody else')
  expect(one.done).toEqual(['hold', 'end'])
  control.gone('console')
  control.gone('console')
  expect(one.done).toEqual(['hold', 'end', 'resume', 'release'])
  expect(one.given.at(-1)).toEqual(NO_FAULTS)
  expect([two.given.at(-1)!.fullDisk, three.done]).toEqual([true, ['hold', 'end', 'release', 'hold', 'end']])
})

test('memory and processor time of a process are those that the system tells, and of one that is gone there are none', async () => {
  const usage = (await usageOf(process.pid))!
  expect(usage.memoryBytes).toBeGreaterThan(10_000_000)
  expect(Math.abs(usage.cpuMs - (process.cpuUsage().user + process.cpuUsage().system) / 1000)).toBeLessThan(500)
  expect(await usageOf(2 ** 22 + 1)).toBeUndefined()
})
