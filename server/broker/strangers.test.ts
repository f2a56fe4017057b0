/** A real broker on a real port, and what strangers send to it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodeEnv } from '../env/node.ts'
import { decode } from '../protocol/codec.ts'
import { encodeRequest } from '../protocol/frame.ts'
import { Produce } from '../protocol/messages/00_produce.ts'
import { Metadata } from '../protocol/messages/03_metadata.ts'
import { ApiVersions } from '../protocol/messages/18_api_versions.ts'
import { buildBatch } from '../records/build_batch.ts'
import { type Broker, startBroker } from './broker.ts'

let broker: Broker
let dir: string

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'weir-strangers-'))
  const options = { nodeId: 1, dataDir: dir, host: '127.0.0.1', port: 0, settings: new Map(), syncAcksAll: true }
  broker = await startBroker({ ...options, env: nodeEnv(), logLevel: 'error', write: (line) => expect(line).toBe('') })
})
afterAll(async () => {
  await broker.stop()
  rmSync(dir, { recursive: true, force: true })
})

/** Sends bytes and gathers what comes back until the broker closes, or until `bytes` have come. */
const send = (parts: readonly Uint8Array[], bytes = Number.POSITIVE_INFINITY): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const socket = connect(broker.address.port, '127.0.0.1')
    let got = Buffer.alloc(0)
    const end = () => {
      socket.destroy()
      resolve(got)
    }
    socket.on('data', (chunk) => {
      got = Buffer.concat([got, chunk])
      if (got.length >= bytes) end()
    })
    socket.on('close', end)
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? end() : reject(error),
    )
    for (const part of parts) socket.write(part)
  })

const sized = (body: Buffer) => {
  const size = Buffer.alloc(4)
  size.writeInt32BE(body.length)
  return Buffer.concat([size, body])
}
const header = (key: number, version: number) => {
  const h = Buffer.alloc(10)
  h.writeInt16BE(key, 0)
  h.writeInt16BE(version, 2)
  h.writeInt32BE(7, 4)
  h.writeInt16BE(-1, 8)
  return h
}
const apiVersions = () => encodeRequest(ApiVersions, 0, 7, 'test', {})

/** The broker answers a well-behaved client. */
const serves = async () => {
  const answer = await send(apiVersions(), 30)
  expect(answer.readInt32BE(4)).toBe(7)
}

describe('a broker', () => {
  const int32 = (n: number) => {
    const b = Buffer.alloc(4)
    b.writeInt32BE(n)
    return b
  }
  const closes: [string, Buffer][] = [
    ['a negative size', int32(-1)],
    ['a size of 2 GiB', int32(0x7fffffff)],
    ['a size above socket.request.max.bytes', int32(104_857_601)],
    ['an empty frame', int32(0)],
    ['a frame of one byte', sized(Buffer.from([0]))],
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['the beginning of TLS', Buffer.from('16030100b8010000b40303', 'hex')],
    ['an API key that does not exist', sized(header(999, 0))],
    ['a negative API key', sized(header(-5, 0))],
    ['an API key that no broker serves', sized(header(52, 0))],
    ['a version beyond all', sized(header(3, 99))],
    [
      'a client id longer than the frame',
      sized(Buffer.concat([header(3, 1).subarray(0, 8), Buffer.from([0x7f, 0xff])])),
    ],
    ['an array longer than the frame', sized(Buffer.concat([header(3, 1), int32(0x7fffffff)]))],
    ['a request without its body', sized(header(1, 4))],
  ]
  test.each(closes)('closes the connection of who sends %s, and serves the others', async (_what, bytes) => {
    expect((await send([bytes])).length).toBe(0)
    await serves()
  })

  test('answers any version of ApiVersions, an unknown one in version 0 with the error that says so', async () => {
    const answer = await send([sized(Buffer.concat([header(18, 77), Buffer.from([0])]))], 20)
    expect([answer.readInt32BE(4), answer.readInt16BE(8)]).toEqual([7, 35])
  })

  test('answers requests that come byte by byte', async () => {
    const bytes = Buffer.concat(apiVersions())
    expect(
      (
        await send(
          [...bytes].map((b) => Buffer.from([b])),
          30,
        )
      ).readInt32BE(4),
    ).toBe(7)
  })

  test('answers pipelined requests in their order', async () => {
    const answer = await send(
      [1, 2, 3].flatMap((id) => encodeRequest(Metadata, 1, id, 'test', { topics: [] })),
      3 * 40,
    )
    const ids: number[] = []
    for (let at = 0; at + 8 <= answer.length; at += answer.readInt32BE(at) + 4) ids.push(answer.readInt32BE(at + 4))
    expect(ids).toEqual([1, 2, 3])
  })

  test('survives thousands of random requests from a seed', async () => {
    let seed = 20260718
    const random = () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
      return seed
    }
    for (let i = 0; i < 400; i++) {
      const frames = Array.from({ length: 5 }, () => {
        const body = Buffer.from(Array.from({ length: random() % 60 }, () => random() >>> 24))
        return sized(Buffer.concat([header(random() % 70, random() % 14), body]))
      })
      // Some of them are requests that wait; the other end going away ends them.
      const done = send(frames, 1)
      await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 15))])
    }
    await serves()
  })

  const produce = async (records: Buffer | null, o: { acks?: number; topic?: string; version?: number } = {}) => {
    const { acks = 1, topic = 'strange', version = 9 } = o
    const request = { acks, timeoutMs: 1000, topicData: [{ name: topic, partitionData: [{ index: 0, records }] }] }
    await send(encodeRequest(Metadata, 4, 1, 'test', { topics: [{ name: topic }], allowAutoTopicCreation: true }), 20)
    const answer = await send(
      encodeRequest(Produce, version, 7, 'test', request),
      acks === 0 ? Number.POSITIVE_INFINITY : 20,
    )
    if (answer.length === 0) return 'closed'
    return decode(Produce.response, version, answer.subarray(9)).responses[0]!.partitionResponses[0]!.errorCode
  }
  const batch = () => buildBatch([{ key: null, value: Buffer.from('v') }], { timestamp: Date.now() })
  const damaged = (change: (b: Buffer) => void) => {
    const b = batch()
    change(b)
    return b
  }
  const produces: [string, () => Promise<number | string>, number | string][] = [
    ['a sound batch', () => produce(batch()), 0],
    ['acks=5', () => produce(batch(), { acks: 5 }), 21],
    ['a wrong checksum', () => produce(damaged((b) => (b[b.length - 1]! ^= 1))), 2],
    ['no records', () => produce(null), 87],
    ['two batches', () => produce(Buffer.concat([batch(), batch()])), 87],
    ['a message format that does not exist', () => produce(damaged((b) => (b[16] = 9))), 2],
    ['records for an internal topic', () => produce(batch(), { topic: '__consumer_offsets' }), 17],
    [
      'a wrong checksum with acks=0',
      () =>
        produce(
          damaged((b) => (b[b.length - 1]! ^= 1)),
          { acks: 0 },
        ),
      'closed',
    ],
  ]
  test.each(produces)('answers %s as Kafka does', async (_what, run, want) => {
    expect(await run()).toBe(want)
  })
})
