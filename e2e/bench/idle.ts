/**
 * What an idle consumer costs the broker: many connections, each of which does what a consumer does that has nothing to read.
 * It negotiates, asks for metadata and its coordinator, joins a group of its own, and then fetches in a session with waits of
 * half a second, and sends heartbeats. No load beside it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { BrokerConnection } from '../../server/client/connection.ts'
import { nodeEnv } from '../../server/env/node.ts'
import { errorOf, KafkaError } from '../../server/protocol/errors.ts'
import { Fetch } from '../../server/protocol/messages/01_fetch.ts'
import { Metadata } from '../../server/protocol/messages/03_metadata.ts'
import { OffsetFetch } from '../../server/protocol/messages/09_offset_fetch.ts'
import { FindCoordinator } from '../../server/protocol/messages/10_find_coordinator.ts'
import { JoinGroup } from '../../server/protocol/messages/11_join_group.ts'
import { Heartbeat } from '../../server/protocol/messages/12_heartbeat.ts'
import { SyncGroup } from '../../server/protocol/messages/14_sync_group.ts'

export interface IdleOptions {
  /** HOST:PORT. */
  bootstrap: string
  /** Exists, and nobody writes to it. */
  topic: string
  consumers?: number
  /** Resident memory of the broker at this moment, bytes. */
  residentBytes(): number
  /** Of processor time that the broker has taken so far, seconds. */
  cpuSeconds(): number
}

export interface IdleCost {
  bytesEach: number
  /** Of a core, for all of them. */
  cpuPercent: number
}

const MAX_WAIT_MS = 500
const HEARTBEAT_MS = 3000
const WARM_UP_MS = 5000
const SETTLE_MS = 15_000
const MEASURE_MS = 10_000

/** What a broker takes more with so many consumers than it took before, once it has served others like them. */
export async function idleConsumers(o: IdleOptions): Promise<IdleCost> {
  const n = o.consumers ?? 1000
  // What any load brings about is not theirs: compiled code, buffers, a young generation of full size. So some poll in haste first.
  const first = await open(o, 100, 'warm', 1)
  await sleep(WARM_UP_MS)
  await close(first)
  await sleep(SETTLE_MS)
  const before = o.residentBytes()
  const consumers = await open(o, n, 'idle')
  try {
    await sleep(SETTLE_MS)
    const cpu = o.cpuSeconds()
    await sleep(MEASURE_MS)
    const cpuPercent = ((o.cpuSeconds() - cpu) / (MEASURE_MS / 1000)) * 100
    const ended = consumers.find((c) => c.failed)
    if (ended) throw ended.failed
    return { bytesEach: (o.residentBytes() - before) / n, cpuPercent }
  } finally {
    await close(consumers)
  }
}

interface Consumer {
  connection: BrokerConnection
  stopping: boolean
  done: Promise<void>
  failed?: Error
}

async function open(o: IdleOptions, n: number, prefix: string, maxWaitMs = MAX_WAIT_MS): Promise<Consumer[]> {
  const consumers: Consumer[] = []
  const one = async (i: number) => {
    const [host, port] = o.bootstrap.split(':')
    const connection = await BrokerConnection.open(
      nodeEnv(),
      { host: host!, port: Number(port) },
      { clientId: `${prefix}-${i}`, requestTimeoutMs: 60_000, connectTimeoutMs: 10_000, maxResponseBytes: 1 << 26 },
    )
    const consumer: Consumer = { connection, stopping: false, done: Promise.resolve() }
    consumers.push(consumer)
    const member = await join(connection, `${prefix}-${process.pid}-${i}`, o.topic)
    consumer.done = poll(consumer, member, maxWaitMs).catch((error) => {
      if (!consumer.stopping) consumer.failed = error
    })
  }
  // A few at a time: it is what they cost that is measured, not how fast they come.
  const left = Array.from({ length: n }, (_, i) => i)
  await Promise.all(
    Array.from({ length: 100 }, async () => {
      for (let i = left.pop(); i !== undefined; i = left.pop()) await one(i)
    }),
  )
  return consumers
}

interface Member {
  groupId: string
  generationId: number
  memberId: string
  topicId: string
}

async function join(connection: BrokerConnection, groupId: string, topic: string): Promise<Member> {
  const metadata = await connection.send(
    Metadata,
    { topics: [{ name: topic }], allowAutoTopicCreation: false },
    { minVersion: 12, maxVersion: 12 },
  )
  check(metadata.topics[0]!.errorCode)
  for (;;) {
    const found = await connection.send(FindCoordinator, { key: groupId, keyType: 0 }, { minVersion: 3, maxVersion: 3 })
    if (found.errorCode === 0) break
    await sleep(100)
  }
  const subscription = Buffer.alloc(6 + 2 + topic.length + 4)
  subscription.writeInt32BE(1, 2)
  subscription.writeInt16BE(topic.length, 6)
  subscription.write(topic, 8)
  const ask = (memberId: string) =>
    connection.send(
      JoinGroup,
      {
        groupId,
        sessionTimeoutMs: 45_000,
        rebalanceTimeoutMs: 300_000,
        memberId,
        protocolType: 'consumer',
        protocols: [{ name: 'range', metadata: subscription }],
      },
      { minVersion: 5, maxVersion: 5, extraTimeoutMs: 10_000 },
    )
  let memberId = ''
  let generationId = -1
  while (generationId < 0) {
    const joined = await ask(memberId)
    if (joined.errorCode === 0) generationId = joined.generationId
    else if (retried.has(errorOf(joined.errorCode))) await sleep(100)
    else check(joined.errorCode)
    memberId = joined.memberId
  }
  const synced = await connection.send(
    SyncGroup,
    { groupId, generationId, memberId, assignments: [{ memberId, assignment: subscription }] },
    { minVersion: 3, maxVersion: 3 },
  )
  check(synced.errorCode)
  await connection.send(
    OffsetFetch,
    { groupId, topics: [{ name: topic, partitionIndexes: [0] }], requireStable: true },
    { minVersion: 7, maxVersion: 7 },
  )
  return { groupId, generationId, memberId, topicId: metadata.topics[0]!.topicId }
}

const retried = new Set(['MEMBER_ID_REQUIRED', 'COORDINATOR_LOAD_IN_PROGRESS', 'NOT_COORDINATOR'])

async function poll(consumer: Consumer, { topicId, ...member }: Member, maxWaitMs: number): Promise<void> {
  const { connection } = consumer
  let [sessionId, sessionEpoch] = [0, 0]
  let beatAtMs = Date.now() + Math.random() * HEARTBEAT_MS
  while (!consumer.stopping) {
    const fetched = await connection.send(
      Fetch,
      {
        maxWaitMs,
        minBytes: 1,
        maxBytes: 52_428_800,
        sessionId,
        sessionEpoch,
        topics: sessionEpoch > 0 ? [] : [{ topicId, partitions: [position] }],
        forgottenTopicsData: [],
      },
      { minVersion: 16, maxVersion: 16, extraTimeoutMs: maxWaitMs },
    )
    check(fetched.errorCode)
    sessionId = fetched.sessionId
    sessionEpoch = sessionId === 0 ? 0 : sessionEpoch + 1
    if (Date.now() < beatAtMs) continue
    beatAtMs = Date.now() + HEARTBEAT_MS
    check((await connection.send(Heartbeat, member, { minVersion: 3, maxVersion: 3 })).errorCode)
  }
}

const position = { partition: 0, currentLeaderEpoch: 0, fetchOffset: 0, partitionMaxBytes: 1_048_576 }

async function close(consumers: readonly Consumer[]): Promise<void> {
  for (const c of consumers) c.stopping = true
  await Promise.all(consumers.map((c) => c.done))
  for (const c of consumers) c.connection.close()
}

function check(code: number): void {
  if (code !== 0) throw new KafkaError(errorOf(code))
}
