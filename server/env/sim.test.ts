import { expect, test } from 'vitest'
import type { Connection, Env, NetworkError } from './env.ts'
import { Simulation, simEnv } from './sim.ts'
import { everyNth } from './sim_disk.ts'
import { SimRandom } from './sim_random.ts'

const read = (env: Env, path: string) => env.disk.readFile(path)?.toString('latin1')
/** What is found after a crash, over many seeds. */
function outcomes(prepare: (env: Env) => void, look: (env: Env) => string | undefined, seeds = 200): string[] {
  const seen = new Set<string>()
  for (let seed = 0; seed < seeds; seed++) {
    const { env, machine } = simEnv(seed)
    prepare(env)
    machine.crash()
    seen.add(look(machine.boot()) ?? 'gone')
  }
  return [...seen].sort()
}

test('timers run in the order of their time, what was put off before them, and no real time passes', async () => {
  const { env, time } = simEnv()
  const seen: string[] = []
  env.clock.after(2000, () => seen.push(`b${env.clock.monotonic()}`))
  env.clock.after(1000, () => {
    seen.push('a')
    env.clock.soon(() => seen.push('soon'))
    env.clock.after(0, () => seen.push('next'))
    void Promise.resolve().then(() => seen.push('promise'))
  })
  env.clock.after(1500, () => seen.push('never'))()
  await time.runFor(5000)
  expect(seen).toEqual(['a', 'promise', 'soon', 'next', 'b2000'])
  expect(env.clock.monotonic()).toBe(5000)
})

test('what was synced survives a crash; of what was not, any part may', () => {
  const prepare = (env: Env) => {
    const f = env.disk.open('/f', 'write')
    f.write([Buffer.from('ab')], 0)
    f.syncSync()
    env.disk.syncDirectory('/')
    f.write([Buffer.from('cd')], 2)
    f.write([Buffer.from('e')], 4)
  }
  expect(outcomes(prepare, (env) => read(env, '/f'))).toEqual(['ab', 'ab\0\0e', 'abc', 'abc\0e', 'abcd', 'abcde'])
})

test('a sync covers what was written before it began, not what came while it ran', async () => {
  const { env, machine, time } = simEnv(3)
  env.disk.replaceFile('/f', Buffer.alloc(0))
  const f = env.disk.open('/f', 'write')
  f.write([Buffer.from('before')], 0)
  const sync = f.sync()
  f.write([Buffer.from('later!')], 6)
  await time.runUntilSettled(sync)
  let lost = 0
  for (let i = 0; i < 20; i++) {
    machine.crash()
    const found = read(machine.boot(), '/f')!
    expect(found.slice(0, 6)).toBe('before')
    if (found.length < 12) lost++
  }
  expect(lost).toBeGreaterThan(0)
})

test('a new file whose folder was not synced may be gone though its bytes were synced', () => {
  const prepare = (env: Env) => {
    const f = env.disk.open('/f', 'write')
    f.write([Buffer.from('x')], 0)
    f.syncSync()
  }
  expect(outcomes(prepare, (env) => read(env, '/f'))).toEqual(['gone', 'x'])
})

test('changes of names that were not synced survive as a prefix, in their order', () => {
  const prepare = (env: Env) => {
    env.disk.replaceFile('/a', Buffer.from('old'))
    env.disk.replaceFile('/b', Buffer.from('new'))
    env.disk.rename('/a', '/c')
    env.disk.rename('/b', '/a')
  }
  expect(
    outcomes(prepare, (env) =>
      env.disk
        .list('/')
        .map(({ name }) => `${name}=${read(env, `/${name}`)}`)
        .sort()
        .join(' '),
    ),
  ).toEqual(['a=new c=old', 'a=old b=new', 'b=new c=old'])
})

test('a replaced file is the old or the new one, whole, when the machine dies at any of its steps', () => {
  const seen = new Set<string>()
  for (let seed = 0; seed < 200; seed++) {
    const { env, machine } = simEnv(seed)
    env.disk.replaceFile('/f', Buffer.from('old'))
    let calls = seed % 5
    machine.onDiskCall = () => void (calls-- === 0 && machine.crash())
    env.disk.replaceFile('/f', Buffer.from('new one'))
    machine.onDiskCall = () => {}
    if (calls >= 0) machine.crash()
    seen.add(read(machine.boot(), '/f')!)
  }
  expect([...seen].sort()).toEqual(['new one', 'old'])
})

test('after a failed sync a later one does not save what the first had covered', async () => {
  const found = new Set<string | undefined>()
  for (let seed = 0; seed < 50; seed++) {
    const { env, machine, time } = simEnv(seed)
    env.disk.replaceFile('/f', Buffer.alloc(0))
    env.disk.options.faults = everyNth(1, 'EIO', ['sync'])
    const f = env.disk.open('/f', 'write')
    f.write([Buffer.from('x')], 0)
    await time.runUntilSettled(expect(f.sync()).rejects.toMatchObject({ code: 'EIO' }))
    env.disk.options.faults = () => undefined
    await time.runUntilSettled(f.sync())
    machine.crash()
    found.add(read(machine.boot(), '/f'))
  }
  expect([...found].sort()).toEqual(['', 'x'])
})

test('what a failed sync has dropped never undoes what was written and synced after it', async () => {
  for (let seed = 0; seed < 50; seed++) {
    const { env, machine, time } = simEnv(seed)
    env.disk.replaceFile('/f', Buffer.from('abc'))
    const f = env.disk.open('/f', 'write')
    f.truncate(1)
    env.disk.options.faults = everyNth(1, 'EIO', ['sync'])
    await time.runUntilSettled(expect(f.sync()).rejects.toMatchObject({ code: 'EIO' }))
    env.disk.options.faults = () => undefined
    f.write([Buffer.from('xyz')], 1)
    await time.runUntilSettled(f.sync())
    machine.crash()
    expect(read(machine.boot(), '/f')).toBe('axyz')
  }
})

test('a write to a full disk fails and may leave a part', () => {
  const lengths = new Set<number>()
  for (let seed = 0; seed < 50; seed++) {
    const { env } = simEnv(seed, { faults: everyNth(1, 'ENOSPC', ['write']) })
    const f = env.disk.open('/f', 'write')
    expect(() => f.write([Buffer.from('ab')], 0)).toThrow('ENOSPC')
    lengths.add(f.size())
  }
  expect([...lengths].sort()).toEqual([0, 1, 2])
})

test('a disk that lies loses what it said was synced', () => {
  const { env, machine } = simEnv(1, { syncLies: true })
  let lost = 0
  for (let i = 0; i < 20; i++) {
    const process = machine.boot()
    process.disk.replaceFile('/f', Buffer.from('x'))
    machine.crash()
    if (machine.boot().disk.readFile('/f')?.toString() !== 'x') lost++
  }
  expect(env.disk.options.syncLies && lost).toBeGreaterThan(0)
})

test('what a killed process wrote and did not sync is lost by a later crash', () => {
  const found = new Set<string | undefined>()
  for (let seed = 0; seed < 50; seed++) {
    const { env, machine } = simEnv(seed)
    env.disk.mkdir('/d')
    env.disk.syncDirectory('/')
    env.disk.replaceFile('/d/f', Buffer.from('a'))
    env.disk.open('/d/f', 'write').write([Buffer.from('b')], 1)
    machine.kill()
    expect(read(machine.boot(), '/d/f')).toBe('ab')
    machine.crash()
    found.add(read(machine.boot(), '/d/f'))
  }
  expect([...found].sort()).toEqual(['a', 'ab'])
})

test('a killed process is never called again, and what it wrote stays', async () => {
  const { env, machine, time } = simEnv(1)
  const seen: string[] = []
  env.disk.open('/f', 'write').write([Buffer.from('x')], 0)
  env.clock.after(1, () => seen.push('timer'))
  env.clock.soon(() => seen.push('soon'))
  void env.disk
    .open('/f', 'write')
    .sync()
    .then(() => seen.push('sync'))
  const lock = env.disk.lock('/.lock')
  expect(() => machine.boot().disk.lock('/.lock')).toThrow('ELOCKED')
  machine.kill()
  await time.runFor(1000)
  expect(seen).toEqual([])
  const next = machine.boot()
  expect(read(next, '/f')).toBe('x')
  next.disk.lock('/.lock')
  lock.release()
  expect(() => machine.boot().disk.lock('/.lock')).toThrow('ELOCKED')
})

async function connected(sim: Simulation): Promise<{ client: Connection; server: Connection; log: string[] }> {
  const log: string[] = []
  let server!: Connection
  await sim
    .machine('b')
    .boot()
    .network.listen({ host: '0.0.0.0', port: 9092 }, (c) => {
      server = c
      c.onData = (chunk) => log.push(chunk.toString())
      c.onClose = (e) => log.push(`server: ${e?.code}`)
    })
  const client = await sim.time.runUntilSettled(sim.machine('a').boot().network.connect({ host: 'b', port: 9092 }))
  client.onClose = (e) => log.push(`client: ${e?.code}`)
  await sim.time.runFor(1)
  return { client, server, log }
}

test('bytes arrive in order whatever the delays, and the end after them', async () => {
  const sim = new Simulation(5)
  const { client, log } = await connected(sim)
  for (let i = 0; i < 100; i++) client.write([Buffer.from(`${i}`), Buffer.from(',')])
  client.end()
  await sim.time.runFor(1000)
  const all = Array.from({ length: 100 }, (_, i) => `${i},`).join('')
  expect(log.slice(0, -2).join('')).toBe(all)
  expect(log.slice(-2)).toEqual(['server: undefined', 'client: undefined'])
})

test('a paused receiver makes the sender stop until it has drained', async () => {
  const sim = new Simulation(5, { network: { windowBytes: 10 } })
  const { client, server, log } = await connected(sim)
  server.pause()
  client.onDrain = () => log.push('drained')
  expect(client.write([Buffer.alloc(10)])).toBe(true)
  expect(client.write([Buffer.alloc(10)])).toBe(false)
  await sim.time.runFor(10)
  expect({ queued: client.queued, log }).toEqual({ queued: 10, log: [] })
  server.resume()
  await sim.time.runFor(10)
  expect(log).toContain('drained')
})

test('a cut holds bytes back until it heals; a reset and a crash end the connection', async () => {
  const sim = new Simulation(6)
  const { client, log } = await connected(sim)
  sim.network.cut('a', 'b')
  client.write([Buffer.from('x')])
  await sim.time.runFor(100)
  expect(log).toEqual([])
  sim.network.heal('a', 'b')
  await sim.time.runFor(100)
  expect(log).toEqual(['x'])
  sim.machine('b').crash()
  await sim.time.runFor(100)
  expect(log).toEqual(['x', 'client: ECONNRESET'])
  const refused = sim.machine('a').boot().network.connect({ host: 'b', port: 9092 })
  expect(await sim.time.runUntilSettled(refused.catch((e: NetworkError) => e.code))).toBe('ECONNREFUSED')
})

test('a cut may be one way: what is answered arrives, what is asked does not', async () => {
  const sim = new Simulation(6)
  const { client, server, log } = await connected(sim)
  const heard: string[] = []
  server.onData = (chunk) => heard.push(chunk.toString())
  client.onData = (chunk) => heard.push(chunk.toString())
  sim.network.cutOneWay('a', 'b')
  client.write([Buffer.from('asked')])
  server.write([Buffer.from('told')])
  await sim.time.runFor(100)
  expect([heard, log]).toEqual([['told'], []])
  const late = sim.machine('b').boot().network.connect({ host: 'a', port: 1, timeoutMs: 50 })
  expect(await sim.time.runUntilSettled(late.catch((e: NetworkError) => e.code))).toBe('ETIMEDOUT')
  sim.network.heal('a', 'b')
  await sim.time.runFor(100)
  expect(heard).toEqual(['told', 'asked'])
})

test('of a machine without power nothing is heard; when it is back, who sends on learns that the connection is gone', async () => {
  const sim = new Simulation(6)
  const { client, log } = await connected(sim)
  sim.machine('b').losePower()
  client.write([Buffer.from('x')])
  const dial = () => sim.machine('a').boot().network.connect({ host: 'b', port: 9092, timeoutMs: 50 })
  expect(await sim.time.runUntilSettled(dial().catch((e: NetworkError) => e.code))).toBe('ETIMEDOUT')
  await sim.time.runFor(60_000)
  expect(log).toEqual([])
  sim.machine('b').boot()
  await sim.time.runFor(10)
  expect(log).toEqual(['client: ECONNRESET'])
  expect(await sim.time.runUntilSettled(dial().catch((e: NetworkError) => e.code))).toBe('ECONNREFUSED')
})

test('the same seed gives the same run, another seed another', async () => {
  const run = async (seed: number) => {
    const sim = new Simulation(seed)
    const { client, server } = await connected(sim)
    const { disk } = sim.machine('b').boot()
    const f = disk.open('/f', 'write')
    server.onData = (chunk) => {
      f.write([chunk], f.size())
      void f.sync().then(() => server.write([chunk]))
    }
    for (let i = 0; i < 50; i++) client.write([Buffer.from(`message ${i}`)])
    await sim.time.runFor(1000)
    return `${sim.time.fingerprint} ${sim.time.events}`
  }
  expect(await run(1)).toBe(await run(1))
  expect(await run(2)).not.toBe(await run(1))
})

test('streams of chance are independent of what others draw', () => {
  const a = new SimRandom(1)
  const first = a.fork('x').next()
  a.next()
  expect(a.fork('x').next()).toBe(first)
  expect(a.fork('y').next()).not.toBe(first)
  const drawn = Array.from({ length: 1000 }, () => a.int(10))
  for (let i = 0; i < 10; i++) expect(drawn.filter((d) => d === i).length).toBeGreaterThan(50)
})

test('a paused machine does nothing until it goes on, and then everything that was due, in its order; who connects to it waits', async () => {
  const sim = new Simulation(1)
  const machine = sim.machine('server')
  const env = machine.boot()
  const seen: string[] = []
  await env.network.listen({ host: 'server', port: 1 }, (c) => {
    seen.push('accepted')
    c.onData = (chunk) => seen.push(`heard ${chunk}`)
  })
  env.clock.after(2_000, () => seen.push('later'))
  env.clock.after(1_000, () => seen.push('sooner'))
  machine.pause()
  const client = sim.machine('client').boot()
  const connection = await sim.time.runUntilSettled(client.network.connect({ host: 'server', port: 1 }))
  connection.write([Buffer.from('hello')])
  await sim.time.runFor(5_000)
  expect(seen).toEqual([])
  machine.resume()
  await sim.time.runFor(5_000)
  expect(seen).toEqual(['accepted', 'heard hello', 'sooner', 'later'])
})
