/**
 * Everything that a broker says of what is in its folder, as facts: a line that names it, and what was said. Two inventories can
 * then be compared (`compare.ts`) whoever made them. Records are compared as the bytes in which they are stored.
 */
import { createHash } from 'node:crypto'
import { Fetch } from '../../server/protocol/messages/01_fetch.ts'
import { ListOffsets } from '../../server/protocol/messages/02_list_offsets.ts'
import { Metadata } from '../../server/protocol/messages/03_metadata.ts'
import { OffsetForLeaderEpoch } from '../../server/protocol/messages/23_offset_for_leader_epoch.ts'
import { DescribeConfigs } from '../../server/protocol/messages/32_describe_configs.ts'
import { DescribeProducers } from '../../server/protocol/messages/61_describe_producers.ts'
import { batches, iterateRecords, type RecordBatch } from '../../server/records/batch.ts'
import { type Broker, check } from './broker.ts'
import { groups } from './inventory_groups.ts'
import { security } from './inventory_security.ts'
import { succeeds } from './writing.ts'

/** By what it is about; the first word is its kind. */
export type Facts = Map<string, string>

export interface Inventory {
  facts: Facts
  /** Kinds that this broker has no API for. */
  silentOn: Set<string>
}

/** Whom to ask about configs besides the topics: type and name, as Kafka numbers and names them. */
const RESOURCES = [
  { type: 4, name: '' },
  { type: 4, name: '1' },
  { type: 16, name: 'watched' },
  { type: 32, name: 'modern' },
]
const resourceTypes: Record<number, string> = { 2: 'topic', 4: 'broker', 16: 'client-metrics', 32: 'group' }
/** Sources of a value that somebody has set at run time: topic, this broker, all brokers, client metrics, group. */
const DYNAMIC_SOURCES = [1, 2, 3, 7, 8]

/** Topics that a broker may compact between two looks: there only the last value of each key counts. */
const isCompacted = (topic: string): boolean => topic.startsWith('compacted')

/** `admin`: the same broker, for what it shows only to who has logged in. */
export async function inventory(broker: Broker, admin = broker): Promise<Inventory> {
  const facts: Facts = new Map()
  const silentOn = new Set<string>()
  for (const { name, level } of broker.features) facts.set(`feature ${name}`, String(level))
  // A broker that has just been started may not lead all of them yet.
  const cluster = await succeeds(
    () =>
      broker.ask(Metadata, 12, {
        topics: null,
        allowAutoTopicCreation: false,
        includeTopicAuthorizedOperations: false,
      }),
    ({ topics }) => topics.flatMap((t) => t.partitions.map((p) => p.errorCode)).find((code) => code !== 0) ?? 0,
    'the leaders of all partitions',
  )
  facts.set('cluster id', String(cluster.clusterId))
  for (const topic of cluster.topics) {
    check(topic.errorCode, topic.name!)
    facts.set(`topic ${topic.name}`, `id ${topic.topicId}, ${topic.partitions.length} partitions`)
    for (const p of topic.partitions) {
      facts.set(`leader of ${topic.name}-${p.partitionIndex}`, String(p.leaderId))
      facts.set(`leader-epoch of ${topic.name}-${p.partitionIndex}`, String(p.leaderEpoch))
      await partition(broker, topic.name!, p.partitionIndex, facts)
    }
  }
  await configs(
    broker,
    cluster.topics.map((t) => t.name!),
    facts,
  )
  const ask = { broker, facts, silentOn }
  await producers(ask, cluster.topics)
  await groups(ask)
  await security({ ...ask, broker: admin })
  return { facts, silentOn }
}

async function partition(broker: Broker, topic: string, index: number, facts: Facts): Promise<void> {
  const name = `${topic}-${index}`
  const at = async (timestamp: number, isolationLevel = 0) => {
    const partitions = [{ partitionIndex: index, timestamp }]
    const ask = () =>
      broker.ask(ListOffsets, 7, { replicaId: -1, isolationLevel, topics: [{ name: topic, partitions }] })
    const answer = await succeeds(
      ask,
      (a) => a.topics[0]!.partitions[0]!.errorCode,
      `ListOffsets ${name} at ${timestamp}`,
    )
    return answer.topics[0]!.partitions[0]!
  }
  const { offset: start } = await at(-2)
  const { offset: end } = await at(-1)
  facts.set(`start of ${name}`, String(start))
  facts.set(`end of ${name}`, String(end))
  facts.set(`stable-end of ${name}`, String((await at(-1, 1)).offset))
  const found = await fetchAll(broker, { topic, index, start, end })
  const epochs = new Map<number, number>()
  const times: number[] = []
  for (const batch of found) {
    epochs.set(batch.partitionLeaderEpoch, batch.nextOffset)
    times.push(batch.maxTimestamp)
    if (!isCompacted(topic)) facts.set(`batch ${name} ${batch.baseOffset}`, summary(batch))
  }
  if (isCompacted(topic)) {
    for (const batch of found) {
      if (batch.isControl) continue
      for (const r of iterateRecords(batch)) facts.set(`key ${name} ${r.key}`, `${r.value} at ${r.offset}`)
    }
  }
  for (const epoch of epochs.keys()) {
    const answer = await broker.ask(OffsetForLeaderEpoch, 4, {
      replicaId: -1,
      topics: [{ topic, partitions: [{ partition: index, leaderEpoch: epoch }] }],
    })
    const { errorCode, leaderEpoch, endOffset } = answer.topics[0]!.partitions[0]!
    check(errorCode, `OffsetForLeaderEpoch ${name} ${epoch}`)
    facts.set(`epoch-end ${name} ${epoch}`, `${leaderEpoch} ${endOffset}`)
  }
  if (topic.startsWith('__')) return
  facts.set(`latest-time of ${name}`, String((await at(-3)).offset))
  for (const time of isCompacted(topic) ? [] : pick(times, 6)) {
    const p = await at(time)
    facts.set(`time ${name} ${time}`, `${p.offset} at ${p.timestamp}`)
  }
  facts.set(`committed ${name}`, await committed(broker, { topic, index, start, end }))
}

/** Some of them, spread evenly. */
function pick<T>(all: readonly T[], n: number): T[] {
  const every = Math.max(1, Math.floor(all.length / n))
  return all.filter((_, i) => i % every === 0)
}

function summary(batch: RecordBatch): string {
  const { sizeInBytes } = batch
  const bytes = batch.buf.subarray(batch.at, batch.at + sizeInBytes)
  const marks = [
    batch.codec,
    `epoch ${batch.partitionLeaderEpoch}`,
    ...(batch.hasProducerId ? [`producer ${batch.producerId}/${batch.producerEpoch}/${batch.baseSequence}`] : []),
    ...(batch.isTransactional ? ['transactional'] : []),
    ...(batch.isControl ? ['control'] : []),
  ]
  return `to ${batch.lastOffset}, ${marks.join(', ')}, sha1 ${createHash('sha1').update(bytes).digest('hex')}`
}

interface Range {
  topic: string
  index: number
  start: number
  end: number
}

async function fetched(broker: Broker, r: Range, offset: number, isolationLevel: number) {
  const answer = await broker.ask(Fetch, 12, {
    maxWaitMs: 0,
    minBytes: 0,
    maxBytes: 64 << 20,
    isolationLevel,
    sessionId: 0,
    topics: [
      { topic: r.topic, partitions: [{ partition: r.index, fetchOffset: offset, partitionMaxBytes: 64 << 20 }] },
    ],
    forgottenTopicsData: [],
    rackId: '',
  })
  check(answer.errorCode, `Fetch ${r.topic}-${r.index}`)
  const p = answer.responses[0]!.partitions[0]!
  check(p.errorCode, `Fetch ${r.topic}-${r.index} at ${offset}`)
  return { all: p.records === null ? [] : [...batches(p.records as Buffer)], aborted: p.abortedTransactions ?? [] }
}

/** Every batch that holds an offset in the range. */
export async function fetchAll(broker: Broker, r: Range): Promise<RecordBatch[]> {
  const found: RecordBatch[] = []
  for (let offset = r.start; offset < r.end; ) {
    const { all } = await fetched(broker, r, offset, 0)
    if (all.length === 0) throw new Error(`${r.topic}-${r.index} ends at ${r.end}, but there is nothing at ${offset}`)
    for (const batch of all) {
      if (!batch.isValid) throw new Error(`${r.topic}-${r.index}: the batch at ${batch.baseOffset} is damaged`)
      found.push(batch)
      offset = batch.nextOffset
    }
  }
  return found
}

/** What a read_committed consumer is given: how many records, and a digest of their offsets. */
async function committed(broker: Broker, r: Range): Promise<string> {
  const offsets = createHash('sha1')
  let n = 0
  for (let offset = r.start; ; ) {
    const { all, aborted } = await fetched(broker, r, offset, 1)
    if (all.length === 0) break
    const pending = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset)
    const skipped = new Set<number>()
    for (const batch of all) {
      offset = batch.nextOffset
      while (pending.length > 0 && pending[0]!.firstOffset <= batch.lastOffset) skipped.add(pending.shift()!.producerId)
      if (batch.isControl) skipped.delete(batch.producerId)
      else if (!(batch.isTransactional && skipped.has(batch.producerId))) {
        for (const record of iterateRecords(batch)) {
          if (record.offset < r.start) continue
          if (!isCompacted(r.topic)) offsets.update(`${record.offset} `)
          n++
        }
      }
    }
  }
  return isCompacted(r.topic) ? 'compacted' : `${n} records, ${offsets.digest('hex')}`
}

async function configs(broker: Broker, topics: string[], facts: Facts): Promise<void> {
  const all = [...topics.map((name) => ({ type: 2, name })), ...RESOURCES]
  const { results } = await broker.ask(DescribeConfigs, 4, {
    resources: all.map(({ type, name }) => ({ resourceType: type, resourceName: name, configurationKeys: null })),
    includeSynonyms: false,
    includeDocumentation: false,
  })
  for (const { errorCode, resourceType, resourceName, configs } of results) {
    const whose = `${resourceTypes[resourceType]} ${resourceName || 'default'}`
    check(errorCode, `DescribeConfigs of ${whose}`)
    for (const c of configs) {
      if (DYNAMIC_SOURCES.includes(c.configSource))
        facts.set(`config ${whose} ${c.name}`, `${c.value} (${c.configSource})`)
    }
  }
}

export interface Ask {
  broker: Broker
  facts: Facts
  silentOn: Set<string>
}

async function producers(
  { broker, facts, silentOn }: Ask,
  topics: { name: string | null; partitions: { partitionIndex: number }[] }[],
): Promise<void> {
  if (!broker.offers(DescribeProducers)) return void silentOn.add('producer')
  const answer = await broker.ask(DescribeProducers, 0, {
    topics: topics.map((t) => ({ name: t.name!, partitionIndexes: t.partitions.map((p) => p.partitionIndex) })),
  })
  for (const t of answer.topics) {
    for (const p of t.partitions) {
      check(p.errorCode, `DescribeProducers ${t.name}-${p.partitionIndex}`)
      for (const one of p.activeProducers) {
        const { producerId, lastTimestamp: _, ...rest } = one
        facts.set(`producer ${t.name}-${p.partitionIndex} ${producerId}`, JSON.stringify(rest))
      }
    }
  }
}
