/**
 * What strangers do to a broker, one attack a row. Each opens its own connections, takes its course from the chance it is given,
 * and leaves nothing behind when it is done; what it says is a finding.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Api } from '../../../server/protocol/api.ts'
import { correlationIdOf, decodeResponse, encodeRequest } from '../../../server/protocol/frame.ts'
import { Produce } from '../../../server/protocol/messages/00_produce.ts'
import { Fetch } from '../../../server/protocol/messages/01_fetch.ts'
import { Metadata } from '../../../server/protocol/messages/03_metadata.ts'
import { ApiVersions } from '../../../server/protocol/messages/18_api_versions.ts'
import { buildBatch } from '../../../server/records/build_batch.ts'
import type { Chance } from '../../lib/chance.ts'
import { Link } from './link.ts'
import { damaged, damagedFrame, records, request, sized, type TopicIds, VICTIMS } from './request.ts'

export interface Target {
  bootstrap: string
  /** What it says it serves. */
  served: readonly { api: Api; lowest: number; highest: number }[]
  /** Bodies of requests as Apache Kafka's own classes wrote them. */
  vectors: readonly { api: Api; version: number; body: Buffer }[]
  topicIds: TopicIds
  /** True when the time is up: what goes on for long ends then. */
  over(): boolean
  /** Connections that one attack may open. */
  connections: number
}

type Attack = (c: Chance, target: Target) => Promise<string | void>

const header = (key: number, version: number, correlationId: number): Buffer => {
  const bytes = Buffer.alloc(10)
  bytes.writeInt16BE(key, 0)
  bytes.writeInt16BE(version, 2)
  bytes.writeInt32BE(correlationId, 4)
  bytes.writeInt16BE(-1, 8)
  return bytes
}

async function send(target: Target, bytes: Buffer, listenMs: number): Promise<Link> {
  const link = await Link.open(target.bootstrap)
  link.write(bytes)
  await Promise.race([link.closed, sleep(listenMs)])
  link.destroy()
  return link
}

/** Answers to requests that nobody damaged: whole, in the order of the requests, in the version that was asked for. */
function wrongAnswers(link: Link, sent: readonly { api: Api; version: number; id: number }[]): string | undefined {
  if (link.broken) return `answers are no frames: ${link.broken}`
  let at = 0
  for (const frame of link.frames) {
    const id = correlationIdOf(frame)
    // acks=0 has no answer
    while (at < sent.length && sent[at]!.id !== id && sent[at]!.api === Produce) at++
    const asked = sent[at++]
    if (asked?.id !== id) return `answer ${id} came where ${asked?.id} was to come`
    try {
      decodeResponse(asked.api, asked.version, frame)
    } catch (error) {
      return `the answer to ${asked.api.name} v${asked.version} cannot be read: ${(error as Error).message}`
    }
  }
  return undefined
}

const randomBytes: Attack = async (c, target) => {
  await send(target, c.bytes(c.pick([1, 3, 4, 5, 100, 5_000])), c.below(30))
}

const badSizes: Attack = async (c, target) => {
  const size = c.pick([-1, -2_147_483_648, 0, 1, 3, 100_000_000, 104_857_600, 104_857_601, 2_147_483_647])
  await send(target, sized(c.bytes(c.below(40)), size), c.below(30))
}

const cutFrames: Attack = async (c, target) => {
  const { api, lowest, highest } = c.pick(target.served)
  const whole = request(c, api, lowest + c.below(highest - lowest + 1), 1, target.topicIds)
  if (whole) await send(target, whole.subarray(0, c.below(whole.length)), c.below(20))
}

/** Well-formed requests of every API and version, several on a connection. */
const wellFormed: Attack = async (c, target) => {
  const sent: { api: Api; version: number; id: number }[] = []
  const frames: Buffer[] = []
  for (let id = 1; id <= 1 + c.below(8); id++) {
    const { api, lowest, highest } = c.pick(target.served)
    const version = lowest + c.below(highest - lowest + 1)
    const frame = request(c, api, version, id, target.topicIds)
    if (!frame) continue
    sent.push({ api, version, id })
    frames.push(frame)
  }
  const link = await Link.open(target.bootstrap)
  link.write(Buffer.concat(frames))
  await link.has(sent.length, 300)
  const closed = link.isClosed
  link.destroy()
  const wrong = wrongAnswers(link, sent)
  if (wrong) return wrong
  // acks=0 can be told of an error only so
  if (closed && !sent.some(({ api }) => api === Produce)) {
    const next = sent[link.frames.length]
    return `the connection was closed at ${next?.api.name} v${next?.version}, which was well formed`
  }
}

/** Every kind of batch to partitions that are there: what gets past the envelope is for the batches' own checks. */
const oddBatches: Attack = async (c, target) => {
  const sent = Array.from({ length: 1 + c.below(5) }, (_, id) => ({ api: Produce as Api, version: 3 + c.below(7), id }))
  const frames = sent.map(({ version, id }) => {
    const partitionData = Array.from({ length: 1 + c.below(3) }, (_, index) => ({ index, records: records(c) }))
    const topicData = [{ name: c.pick(VICTIMS), partitionData }]
    const body = { transactionalId: null, acks: c.pick([-1, 1]), timeoutMs: 5_000, topicData }
    return Buffer.concat(encodeRequest(Produce, version, id, 'fuzz', body))
  })
  const link = await Link.open(target.bootstrap)
  link.write(Buffer.concat(frames))
  const all = await link.has(sent.length, 8_000)
  link.destroy()
  return (
    wrongAnswers(link, sent) ?? (all ? undefined : `${link.frames.length} of ${sent.length} produces were answered`)
  )
}

const damagedRequests: Attack = async (c, target) => {
  const frames: Buffer[] = []
  for (let id = 1; id <= 1 + c.below(6); id++) {
    const { api, lowest, highest } = c.pick(target.served)
    const frame = request(c, api, lowest + c.below(highest - lowest + 1), id, target.topicIds)
    if (frame) frames.push(damagedFrame(c, frame))
  }
  const link = await send(target, Buffer.concat(frames), c.below(60))
  if (link.broken) return `answers are no frames: ${link.broken}`
}

/** What Kafka's own classes wrote, as it is and damaged. */
const fromVectors: Attack = async (c, target) => {
  const frames = Array.from({ length: 1 + c.below(4) }, (_, id) => {
    const { api, version, body } = c.pick(target.vectors)
    const flexible = api.flexible !== 'none' && version >= Number.parseInt(api.flexible, 10)
    const frame = sized(Buffer.concat([header(api.key, version, id), ...(flexible ? [Buffer.from([0])] : []), body]))
    return c.oneIn(3) ? frame : damagedFrame(c, frame)
  })
  const link = await send(target, Buffer.concat(frames), c.below(60))
  if (link.broken) return `answers are no frames: ${link.broken}`
}

const wrongVersions: Attack = async (c, target) => {
  const { api, highest } = c.pick(target.served)
  const [key, version] = c.pick([
    [api.key, highest + 1],
    [api.key, -1],
    [api.key, 32_767],
    [-1, 0],
    [c.below(1_000), c.below(20)],
    [32_767, 0],
  ] as const)
  await send(target, sized(Buffer.concat([header(key, version, 1), c.bytes(c.below(60))])), c.below(30))
}

/** Thousands of requests at once, which are all answered, in order. */
const flood: Attack = async (c, target) => {
  const count = c.pick([500, 2_000, 5_000])
  const of = c.below(3)
  const frames = Array.from({ length: count }, (_, id) => {
    if (of === 0) return Buffer.concat(encodeRequest(ApiVersions, 0, id, 'fuzz', {}))
    if (of === 1) return Buffer.concat(encodeRequest(Metadata, 1, id, 'fuzz', { topics: [{ name: VICTIMS[0] }] }))
    return produce(c, id)
  })
  const link = await Link.open(target.bootstrap)
  link.write(Buffer.concat(frames))
  const all = await link.has(count, 15_000)
  link.destroy()
  if (!all) return `${link.frames.length} of ${count} pipelined requests were answered within 15 s`
  const wrong = link.frames.findIndex((frame, i) => correlationIdOf(frame) !== i)
  if (wrong >= 0) return `pipelined answer ${wrong} is to another request`
}

const produce = (c: Chance, id: number): Buffer =>
  Buffer.concat(
    encodeRequest(Produce, 7, id, 'fuzz', {
      transactionalId: null,
      acks: c.pick([-1, 1]),
      timeoutMs: 5_000,
      topicData: [
        {
          name: VICTIMS[0],
          partitionData: [
            { index: 0, records: buildBatch([{ key: null, value: Buffer.from('flood') }], { timestamp: Date.now() }) },
          ],
        },
      ],
    }),
  )

const fetch = (id: number): Buffer =>
  Buffer.concat(
    encodeRequest(Fetch, 4, id, 'fuzz', {
      replicaId: -1,
      maxWaitMs: 10,
      minBytes: 0,
      maxBytes: 10_000_000,
      isolationLevel: 0,
      topics: [{ topic: VICTIMS[0], partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 10_000_000 }] }],
    } as never),
  )

const untilOver = async (target: Target, step: () => void, everyMs: number) => {
  while (!target.over()) {
    step()
    await sleep(everyMs)
  }
}

/** Connections that say nothing, or begin a frame and never end it. */
const halfOpen: Attack = async (c, target) => {
  const links: Link[] = []
  try {
    for (let i = 0; i < target.connections && !target.over(); i++) {
      const link = await Link.open(target.bootstrap)
      links.push(link)
      if (c.oneIn(2)) link.write(sized(c.bytes(c.below(200)), 50_000))
      else if (c.oneIn(3)) link.write(Buffer.from([0, 0]))
    }
    await untilOver(target, () => {}, 200)
  } catch (error) {
    return `a connection was refused: ${(error as Error).message}`
  } finally {
    for (const link of links) link.destroy()
  }
}

/** Asks for much and never reads. */
const neverReads: Attack = async (c, target) => {
  const links = await Promise.all(Array.from({ length: 20 }, () => Link.open(target.bootstrap)))
  for (const link of links) {
    link.socket.pause()
    link.write(Buffer.concat(Array.from({ length: 200 }, (_, id) => (c.oneIn(2) ? fetch(id) : metadata(id)))))
  }
  await untilOver(target, () => {}, 200)
  for (const link of links) link.destroy()
}

const metadata = (id: number): Buffer => Buffer.concat(encodeRequest(Metadata, 1, id, 'fuzz', { topics: null }))

/** Reads a byte a second, as far as the system lets it. */
const readsSlowly: Attack = async (_c, target) => {
  const links = await Promise.all(Array.from({ length: 20 }, () => Link.open(target.bootstrap)))
  for (const link of links) {
    link.socket.removeAllListeners('data')
    link.socket.pause()
    link.write(Buffer.concat(Array.from({ length: 50 }, (_, id) => fetch(id))))
  }
  const readOne = () => {
    for (const link of links) link.socket.read(1)
  }
  await untilOver(target, readOne, 1_000)
  for (const link of links) link.destroy()
}

/** Sends a byte a second. */
const sendsSlowly: Attack = async (c, target) => {
  const links = await Promise.all(Array.from({ length: 50 }, () => Link.open(target.bootstrap)))
  const bytes = links.map((_, i) => (c.oneIn(2) ? produce(c, i) : metadata(i)))
  let at = 0
  await untilOver(
    target,
    () => {
      for (const [i, link] of links.entries()) if (at < bytes[i]!.length) link.write(bytes[i]!.subarray(at, at + 1))
      at++
    },
    1_000,
  )
  for (const link of links) link.destroy()
}

/** Sends its requests, ends its half of the connection, and listens on. */
const halfClosed: Attack = async (c, target) => {
  const link = await Link.open(target.bootstrap, { halfOpen: true })
  const { api, lowest } = c.pick(target.served)
  const frame = request(c, api, lowest, 1, target.topicIds) ?? metadata(1)
  link.socket.end(c.oneIn(3) ? damaged(c, frame) : frame)
  const limitMs = 10_000
  const ended = await Promise.race([link.closed.then(() => true), sleep(limitMs, false)])
  link.destroy()
  if (!ended) return `a half-closed connection was still open after ${limitMs} ms, asked for ${api.name} v${lowest}`
}

/** Opens and goes away at once, again and again. */
const comesAndGoes: Attack = async (c, target) => {
  for (let i = 0; i < 50; i++) {
    const link = await Link.open(target.bootstrap)
    if (c.oneIn(2)) link.write(fetch(1))
    if (c.oneIn(2)) link.socket.resetAndDestroy()
    else link.destroy()
  }
}

/** In the order of what they are, and how often each is chosen. */
export const attacks = {
  randomBytes: { run: randomBytes, weight: 5 },
  badSizes: { run: badSizes, weight: 5 },
  cutFrames: { run: cutFrames, weight: 5 },
  wellFormed: { run: wellFormed, weight: 30 },
  oddBatches: { run: oddBatches, weight: 20 },
  damagedRequests: { run: damagedRequests, weight: 40 },
  fromVectors: { run: fromVectors, weight: 30 },
  wrongVersions: { run: wrongVersions, weight: 5 },
  comesAndGoes: { run: comesAndGoes, weight: 2 },
  halfClosed: { run: halfClosed, weight: 3 },
  flood: { run: flood, weight: 1 },
} as const satisfies Record<string, { run: Attack; weight: number }>

/** Those that go on for a whole round beside the others. */
export const longAttacks = { halfOpen, neverReads, readsSlowly, sendsSlowly } as const satisfies Record<string, Attack>
