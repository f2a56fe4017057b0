import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type Connection, DiskError, type NetworkError } from './env.ts'
import { nodeEnv } from './node.ts'

const { disk, network, clock, random } = nodeEnv()
const folder = mkdtempSync(join(tmpdir(), 'weir-env-'))
afterAll(() => rmSync(folder, { recursive: true }))
let names = 0
const fresh = () => join(folder, `f${names++}`)
const codeOf = (fn: () => unknown) => {
  try {
    fn()
  } catch (e) {
    expect(e).toBeInstanceOf(DiskError)
    return (e as DiskError).code
  }
  return undefined
}

test('parts are written one after the other and read back, synchronously and not', async () => {
  const f = disk.open(fresh(), 'write')
  f.write([Buffer.from('ab'), Buffer.alloc(0), Buffer.from('cde')], 3)
  f.write([], 100)
  await f.sync()
  expect(f.size()).toBe(8)
  const a = Buffer.alloc(10)
  expect(f.readSync(a, 3)).toBe(5)
  expect(a.toString('latin1', 0, 5)).toBe('abcde')
  const b = Buffer.alloc(2)
  expect(await f.read(b, 6)).toBe(2)
  expect(b.toString()).toBe('de')
  expect(await f.read(b, 80)).toBe(0)
  f.truncate(4)
  expect(f.size()).toBe(4)
  f.close()
})

test('a file closed while a read is under way serves that read, and refuses later calls', async () => {
  const f = disk.open(fresh(), 'write')
  f.write([Buffer.from('abc')], 0)
  const b = Buffer.alloc(3)
  const read = f.read(b, 0)
  f.close()
  expect(await read).toBe(3)
  await expect(f.sync()).rejects.toMatchObject({ code: 'EBADF' })
})

test('more parts than one system call takes are written whole', () => {
  const f = disk.open(fresh(), 'write')
  f.write(
    Array.from({ length: 5000 }, (_, i) => Buffer.from([i & 255, i >> 8])),
    0,
  )
  const all = Buffer.alloc(10_000)
  expect(f.readSync(all, 0)).toBe(10_000)
  expect(all.readUInt16LE(9998)).toBe(4999)
  f.close()
})

test('failures are DiskErrors with a sentence that names the file', () => {
  expect(codeOf(() => disk.open(join(folder, 'no', 'such'), 'read'))).toBe('ENOENT')
  expect(codeOf(() => disk.list(join(folder, 'no')))).toBe('ENOENT')
  expect(disk.readFile(join(folder, 'no'))).toBeUndefined()
  if (process.platform === 'linux') expect(codeOf(() => disk.mkdir('/proc/no/such'))).toBe('ENOENT')
  expect(codeOf(() => disk.mkdir('/dev/null/no'))).toBe('ENOTDIR')
  expect(() => disk.open('/dev/full', 'write').write([Buffer.from('x')], 0)).toThrow(
    'Cannot write /dev/full: the disk is full (ENOSPC).',
  )
})

test('a file is replaced, a folder renamed, listed and removed', () => {
  const d = fresh()
  disk.mkdir(join(d, 'x'))
  disk.replaceFile(join(d, 'meta'), Buffer.from('1'))
  disk.replaceFile(join(d, 'meta'), Buffer.from('22'))
  expect(disk.readFile(join(d, 'meta'))?.toString()).toBe('22')
  expect(disk.list(d).sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
    { name: 'meta', directory: false },
    { name: 'x', directory: true },
  ])
  disk.rename(d, `${d}-delete`)
  expect(disk.exists(d)).toBe(false)
  disk.remove(`${d}-delete`)
  disk.remove(`${d}-delete`)
  expect(disk.exists(`${d}-delete`)).toBe(false)
  expect(disk.space(folder).free).toBeGreaterThan(0)
})

test('a lock is refused while its process lives and free once it is released', () => {
  const path = fresh()
  const lock = disk.lock(path)
  expect(codeOf(() => disk.lock(path))).toBe('ELOCKED')
  lock.release()
  disk.lock(path).release()
  expect(disk.exists(path)).toBe(false)
})

test('the lock of a process that died is taken over, also where its pid lives on as another process', () => {
  const path = fresh()
  const dead = spawnSync(process.execPath, ['-e', '']).pid
  writeFileSync(path, `${dead} 1 x\n`)
  disk.lock(path).release()
  writeFileSync(path, `${process.pid} 1 x\n`)
  const lock = disk.lock(path)
  expect(readFileSync(path, 'latin1')).toMatch(new RegExp(`^${process.pid} `))
  lock.release()
})

test("an empty lock file, as Apache Kafka leaves it, and a dead process's takeover do not stand in the way", () => {
  const path = fresh()
  writeFileSync(path, '')
  writeFileSync(`${path}.break`, '')
  disk.lock(path).release()
})

test('connections carry parts both ways, pause, and tell their end once', async () => {
  const ends: string[] = []
  const server = await network.listen({ host: '127.0.0.1', port: 0 }, (c) => {
    c.onData = (chunk) => void c.write([Buffer.from('<'), chunk, Buffer.from('>')])
    c.onClose = () => ends.push('server')
  })
  const c = await network.connect({ host: '127.0.0.1', port: server.port })
  let got = ''
  const answer = new Promise<void>((resolve) => {
    c.onData = (chunk) => {
      got += chunk.toString()
      if (got.endsWith('>')) resolve()
    }
  })
  const closed = new Promise<void>((resolve) => {
    c.onClose = (e) => {
      ends.push(e === undefined ? 'client' : e.code)
      resolve()
    }
  })
  c.write([Buffer.from('hel'), Buffer.from('lo')])
  await answer
  expect(got.replaceAll('><', '')).toBe('<hello>')
  c.end()
  await closed
  expect(c.write([Buffer.from('x')])).toBe(false)
  await server.close()
  expect(ends.sort()).toEqual(['client', 'server'])
})

test('a write that the other side does not read is queued, and drained when it does', async () => {
  let other: Connection | undefined
  let received = 0
  const server = await network.listen({ host: '127.0.0.1', port: 0 }, (c) => {
    other = c
    c.pause()
    c.onData = (chunk) => (received += chunk.length)
  })
  const c = await network.connect({ host: '127.0.0.1', port: server.port })
  const chunk = Buffer.alloc(1 << 20)
  let sent = 0
  while (c.queued < 4 << 20) {
    c.write([chunk])
    sent += chunk.length
    await new Promise<void>((resolve) => clock.soon(resolve))
  }
  expect(c.write([chunk])).toBe(false)
  sent += chunk.length
  const drained = new Promise<void>((resolve) => (c.onDrain = resolve))
  other!.resume()
  await drained
  expect(c.queued).toBe(0)
  const closed = new Promise<void>((resolve) => (other!.onClose = () => resolve()))
  c.end()
  await closed
  expect(received).toBe(sent)
  await server.close()
})

test('a port in use and a port where nobody listens are told as NetworkErrors', async () => {
  const server = await network.listen({ host: '127.0.0.1', port: 0 }, () => {})
  const at = { host: '127.0.0.1', port: server.port }
  const inUse = await network.listen(at, () => {}).catch((e: NetworkError) => e)
  expect(inUse).toMatchObject({
    code: 'EADDRINUSE',
    message: `Cannot listen on 127.0.0.1:${server.port}: the port is in use (EADDRINUSE).`,
  })
  await server.close()
  expect(await network.connect(at).catch((e: NetworkError) => e)).toMatchObject({ code: 'ECONNREFUSED' })
})

test('a UUID has 22 characters and never begins with a dash, which tools would take for an option', () => {
  for (let i = 0; i < 500; i++) expect(random.uuid()).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/)
})
