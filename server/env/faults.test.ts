import { expect, test } from 'vitest'
import type { Connection, Env } from './env.ts'
import { type Faults, type FaultyEnv, NO_FAULTS, withFaults } from './faults.ts'
import { Simulation, simEnv } from './sim.ts'

const faults = (some: Partial<Faults>): Faults => ({ ...NO_FAULTS, ...some })
const codeOf = (fn: () => unknown): string => {
  try {
    fn()
    return 'done'
  } catch (error) {
    return (error as { code: string }).code
  }
}

// --- disk ---

function disk() {
  const { env, time } = simEnv(1)
  const faulty = withFaults(env)
  return { env: faulty.env, real: env, time, set: (some: Partial<Faults>) => faulty.set(faults(some)) }
}

test('a full disk refuses what grows and what is new, keeps what is there, and has room again when the fault is cleared', () => {
  const { env, set } = disk()
  const file = env.disk.open('/f', 'write')
  file.write([Buffer.from('abcd')], 0)
  set({ fullDisk: true })
  expect(codeOf(() => file.write([Buffer.from('e')], 4))).toBe('ENOSPC')
  expect(codeOf(() => file.write([Buffer.from('xy')], 3))).toBe('ENOSPC')
  expect(codeOf(() => file.write([Buffer.from('B')], 1))).toBe('done')
  expect(codeOf(() => env.disk.replaceFile('/f', Buffer.from('x')))).toBe('ENOSPC')
  expect(codeOf(() => env.disk.mkdir('/folder'))).toBe('ENOSPC')
  expect(codeOf(() => env.disk.open('/g', 'write'))).toBe('ENOSPC')
  expect(env.disk.readFile('/f')!.toString()).toBe('aBcd')
  expect(env.disk.space('/').free).toBe(0)
  set({})
  file.write([Buffer.from('e')], 4)
  expect(env.disk.readFile('/f')!.toString()).toBe('aBcde')
  expect(env.disk.space('/').free).toBeGreaterThan(0)
})

test('a slow disk answers syncs and reads late and does not hold up the process', async () => {
  const { env, time, set } = disk()
  const file = env.disk.open('/f', 'write')
  file.write([Buffer.from('abc')], 0)
  const took = async (call: () => Promise<unknown>) => {
    const before = env.clock.monotonic()
    await time.runUntilSettled(call())
    return env.clock.monotonic() - before
  }
  expect(await took(() => file.sync())).toBeLessThan(100)
  set({ slowDiskMs: 400 })
  expect(await took(() => file.sync())).toBeGreaterThan(399)
  expect(await took(() => Promise.all([file.sync(), file.read(Buffer.alloc(3), 0)]))).toBeLessThan(600)
  // Closed while its answer is waited for.
  const late = file.sync()
  file.close()
  expect(await took(() => late)).toBeGreaterThan(399)
})

// --- network ---

interface End {
  connection: Connection
  heard: string
  /** 'open', 'closed', or the code of the error. */
  state: string
  drained: number
}

const follow = (connection: Connection): End => {
  const end: End = { connection, heard: '', state: 'open', drained: 0 }
  connection.onData = (chunk) => (end.heard += chunk.toString())
  connection.onClose = (error) => (end.state = error?.code ?? 'closed')
  connection.onDrain = () => end.drained++
  return end
}

async function pair(): Promise<{
  sim: Simulation
  mine: End
  theirs: End
  set: FaultyEnv['set']
  env: Env
  other: Env
  pass: (ms?: number) => Promise<void>
}> {
  const sim = new Simulation(3, { network: { splits: 0 } })
  const other = sim.machine('other').boot()
  let theirs: End | undefined
  await other.network.listen({ host: 'other', port: 9093 }, (c) => (theirs = follow(c)))
  const { env, set } = withFaults(sim.machine('me').boot())
  const mine = follow(await sim.time.runUntilSettled(env.network.connect({ host: 'other', port: 9093 })))
  const pass = (ms = 1_000) => sim.time.runFor(ms)
  await pass()
  return { sim, mine, theirs: theirs!, set, env, other, pass }
}

const say = (end: End, text: string) => end.connection.write([Buffer.from(text)])

test('a connection that is cut silently loses nothing: all arrives, in order, when it is healed', async () => {
  const { mine, theirs, set, pass } = await pair()
  say(mine, 'a')
  say(theirs, 'A')
  await pass()
  set(faults({ cutPorts: [9093] }))
  say(mine, 'b')
  say(theirs, 'B')
  await pass()
  say(mine, 'c')
  await pass(60_000)
  expect([mine.heard, theirs.heard, mine.state, theirs.state]).toEqual(['A', 'a', 'open', 'open'])
  set(NO_FAULTS)
  await pass()
  expect([mine.heard, theirs.heard]).toEqual(['AB', 'abc'])
})

test('a cut connection takes a window full, says stop, and says go on when it is healed', async () => {
  const { mine, theirs, set, pass } = await pair()
  set(faults({ cutPorts: [9093] }))
  expect(say(mine, 'x'.repeat(200_000))).toBe(true)
  expect(say(mine, 'x'.repeat(100_000))).toBe(false)
  expect(mine.connection.queued).toBe(300_000)
  set(NO_FAULTS)
  await pass()
  expect([mine.drained > 0, theirs.heard.length, mine.connection.queued]).toEqual([true, 300_000, 0])
})

test('whoever gives up a cut connection is told at once, the other side when it is healed', async () => {
  const { mine, theirs, set, pass } = await pair()
  set(faults({ cutPorts: [9093] }))
  mine.connection.destroy()
  await pass()
  expect([mine.state, theirs.state]).toEqual(['closed', 'open'])
  set(NO_FAULTS)
  await pass()
  expect(theirs.state).toBe('ECONNRESET')
})

test('the end of the other side is not seen through a cut', async () => {
  const { mine, theirs, set, pass } = await pair()
  set(faults({ cutPorts: [9093] }))
  theirs.connection.destroy()
  await pass()
  expect(mine.state).toBe('open')
  set(NO_FAULTS)
  await pass()
  expect(mine.state).toBe('ECONNRESET')
})

test('with resets a cut breaks what is open, on both sides, once', async () => {
  const { mine, theirs, set, pass } = await pair()
  set(faults({ cutPorts: [9093], cutHow: 'reset' }))
  expect(mine.state).toBe('ECONNRESET')
  mine.state = 'told twice?'
  await pass()
  expect([mine.state, theirs.state]).toEqual(['told twice?', 'ECONNRESET'])
})

test('a new connection to a cut port hangs until it is healed, or until its opener has waited long enough', async () => {
  const { env, set, pass } = await pair()
  set(faults({ cutPorts: [9093] }))
  const seen: string[] = []
  const open = (name: string, timeoutMs?: number) =>
    env.network
      .connect({ host: 'other', port: 9093, ...(timeoutMs !== undefined && { timeoutMs }) })
      .then(() => seen.push(`${name} open`))
      .catch((error) => seen.push(`${name} ${error.code}`))
  void open('patient')
  void open('hasty', 2_000)
  await pass(1_000)
  expect(seen).toEqual([])
  await pass(2_000)
  expect(seen).toEqual(['hasty ETIMEDOUT'])
  set(faults({ cutPorts: [9094] }))
  await pass()
  expect(seen).toEqual(['hasty ETIMEDOUT', 'patient open'])
})

test('other ports, and connections that come in, are left alone', async () => {
  const { sim, mine, theirs, set, pass, other, env } = await pair()
  let accepted: End | undefined
  await env.network.listen({ host: 'me', port: 9092 }, (c) => (accepted = follow(c)))
  set(faults({ cutPorts: [9092] }))
  const theirEnd = follow(await sim.time.runUntilSettled(other.network.connect({ host: 'me', port: 9092 })))
  say(theirEnd, 'hello')
  say(mine, 'a')
  await pass()
  expect([accepted!.heard, theirs.heard]).toEqual(['hello', 'a'])
})
