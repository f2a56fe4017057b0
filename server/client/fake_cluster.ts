/**
 * A cluster for tests: brokers that speak the protocol over any `env`, with logs in memory, leaders that can be moved,
 * and requests that can be answered otherwise, left unanswered or cut off. It checks sequences as a broker does, so a
 * producer that retries wrongly is found out.
 *
 * It deliberately has no replication, no groups' rebalances, no disk. Only tests import it.
 */
import type { Connection, Env, Listener } from '../env/env.ts'
import { type Api, highestVersion, lowestVersion } from '../protocol/api.ts'
import { codec } from '../protocol/codec.ts'
import { errorCode } from '../protocol/errors.ts'
import { decodeRequestHeader, encodeResponse, FrameReader } from '../protocol/frame.ts'
import { Produce } from '../protocol/messages/00_produce.ts'
import { Fetch } from '../protocol/messages/01_fetch.ts'
import { ListOffsets } from '../protocol/messages/02_list_offsets.ts'
import { Metadata } from '../protocol/messages/03_metadata.ts'
import { OffsetCommit } from '../protocol/messages/08_offset_commit.ts'
import { OffsetFetch } from '../protocol/messages/09_offset_fetch.ts'
import { FindCoordinator } from '../protocol/messages/10_find_coordinator.ts'
import { ApiVersions } from '../protocol/messages/18_api_versions.ts'
import { InitProducerId } from '../protocol/messages/22_init_producer_id.ts'
import { DescribeConfigs } from '../protocol/messages/32_describe_configs.ts'
import { DescribeQuorum } from '../protocol/messages/55_describe_quorum.ts'
import { apiByKey } from '../protocol/messages/index.ts'
import type { Fields, Infer, Input, Message } from '../protocol/schema.ts'
import { batches, RecordBatch } from '../records/batch.ts'

interface FakePartition {
  leader: number
  leaderEpoch: number
  startOffset: number
  endOffset: number
  /** With their base offsets written in. */
  log: Buffer[]
  /** Next sequence by producer id and epoch. */
  sequences: Map<string, number>
  waiters: (() => void)[]
}

interface FakeTopic {
  id: string
  partitions: FakePartition[]
  maxBatchBytes: number
}

export interface Seen {
  node: number
  api: string
  version: number
  body: any
}

/** What a rule makes of a request: another answer, none at all (`silence`), a closed connection (`cut`), or the usual. */
export type Ruling<S extends Fields> = Input<Message<S>> | 'silence' | 'cut' | 'served and cut' | undefined

interface Rule {
  api: Api
  decide(body: any, at: { node: number; version: number }): Ruling<any> | Promise<Ruling<any>>
}

/** Versions beyond these are hidden, by name of the API: an older broker. `none` hides all. */
export type Offered = { [api: string]: number | 'none' }

const APIS = [
  Produce,
  Fetch,
  ListOffsets,
  Metadata,
  OffsetCommit,
  OffsetFetch,
  FindCoordinator,
  ApiVersions,
  InitProducerId,
  DescribeConfigs,
  DescribeQuorum,
] as const

export class FakeCluster {
  readonly clusterId = 'fake-cluster-id-000001'
  readonly topics = new Map<string, FakeTopic>()
  readonly committed = new Map<string, Map<string, number>>()
  /** Every request in the order of arrival. */
  readonly seen: Seen[] = []
  private readonly rules: Rule[] = []
  private readonly listeners = new Map<number, { listener: Listener; host: string; connections: Set<Connection> }>()
  private nextProducerId = 100
  private nextTopic = 1
  /** Offered by every broker, until changed. */
  offered: Offered = {}

  /** Starts a broker; the host is what metadata says. */
  async start(node: number, env: Env, host = '127.0.0.1', port = 0): Promise<{ host: string; port: number }> {
    const connections = new Set<Connection>()
    const listener = await env.network.listen({ host, port }, (connection) => {
      connections.add(connection)
      this.serve(node, env, connection, connections)
    })
    this.listeners.set(node, { listener, host, connections })
    return { host, port: listener.port }
  }

  async stop(node: number): Promise<void> {
    const broker = this.listeners.get(node)
    this.listeners.delete(node)
    await broker?.listener.close()
    for (const connection of broker?.connections ?? []) connection.destroy()
  }

  async close(): Promise<void> {
    for (const node of [...this.listeners.keys()]) await this.stop(node)
  }

  addTopic(name: string, options: { leaders: readonly number[]; maxBatchBytes?: number }): FakeTopic {
    const topic = {
      id: Buffer.from(`topic${this.nextTopic++}`.padEnd(16, '.')).toString('base64url'),
      maxBatchBytes: options.maxBatchBytes ?? 1024 * 1024,
      partitions: options.leaders.map(
        (leader): FakePartition => ({
          leader,
          leaderEpoch: 0,
          startOffset: 0,
          endOffset: 0,
          log: [],
          sequences: new Map(),
          waiters: [],
        }),
      ),
    }
    this.topics.set(name, topic)
    return topic
  }

  moveLeader(topic: string, partition: number, leader: number): void {
    const p = this.partition(topic, partition)!
    p.leader = leader
    p.leaderEpoch++
    for (const wake of p.waiters.splice(0)) wake()
  }

  /** Appends a batch as it is, at the end of the log; for what no producer of ours writes. */
  append(topic: string, partition: number, batch: Buffer): void {
    const p = this.partition(topic, partition)!
    const copy = Buffer.from(batch)
    const view = new RecordBatch(copy)
    view.baseOffset = p.endOffset
    view.partitionLeaderEpoch = p.leaderEpoch
    p.log.push(copy)
    p.endOffset = view.nextOffset
    for (const wake of p.waiters.splice(0)) wake()
  }

  /** Values in the log, decoded. */
  values(topic: string, partition: number, decode: (batch: RecordBatch) => string[]): string[] {
    return this.partition(topic, partition)!.log.flatMap((b) => decode(new RecordBatch(b)))
  }

  /** `decide` is asked about requests of this API before they are served; the latest rule first. */
  on<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    decide: (body: Infer<Message<Q>>, at: { node: number; version: number }) => Ruling<S> | Promise<Ruling<S>>,
  ): void {
    this.rules.unshift({ api, decide })
  }

  /** The same for the next `times` requests only. */
  next<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    times: number,
    decide: (body: Infer<Message<Q>>) => Ruling<S>,
  ): void {
    let left = times
    this.on(api, (body) => (left-- > 0 ? decide(body) : undefined))
  }

  private partition(topic: string, partition: number): FakePartition | undefined {
    return this.topics.get(topic)?.partitions[partition]
  }

  private serve(node: number, env: Env, connection: Connection, connections: Set<Connection>): void {
    const frames = new FrameReader(64 * 1024 * 1024)
    // Answers leave in the order of the requests, however long one takes.
    let queue = Promise.resolve()
    connection.onClose = () => connections.delete(connection)
    connection.onData = (chunk) => {
      for (const frame of frames.push(chunk)) {
        const answer = this.answer(node, env, frame).catch((): 'cut' => 'cut')
        queue = queue.then(async () => {
          const parts = await answer
          if (parts === 'cut') connection.destroy()
          // Nothing overtakes an answer that does not come.
          else if (parts === 'silence') await new Promise(() => {})
          else connection.write(parts)
        })
      }
    }
  }

  private async answer(node: number, env: Env, frame: Buffer): Promise<Buffer[] | 'silence' | 'cut'> {
    const { apiKey, apiVersion: version, correlationId, reader } = decodeRequestHeader(Buffer.from(frame))
    const api = apiByKey.get(apiKey)!
    const { highest } = this.range(api)
    if (version > highest) {
      if (api.key !== ApiVersions.key) return 'cut'
      return encodeResponse(ApiVersions, 0, correlationId, { errorCode: errorCode.UNSUPPORTED_VERSION, apiKeys: [] })
    }
    const body = codec(api.request, version).decode(reader)
    this.seen.push({ node, api: api.name, version, body })
    for (const rule of this.rules) {
      if (rule.api !== api) continue
      const ruling = await rule.decide(body, { node, version })
      if (ruling === undefined) continue
      if (ruling === 'silence' || ruling === 'cut') return ruling
      if (ruling === 'served and cut') {
        await this.respond(node, env, api, version, body)
        return 'cut'
      }
      return encodeResponse(api, version, correlationId, ruling)
    }
    const response = await this.respond(node, env, api, version, body)
    if (api === Produce && (body as any).acks === 0) return []
    return encodeResponse(api, version, correlationId, response)
  }

  private range(api: Api): { lowest: number; highest: number } {
    const offered = this.offered[api.name]
    return { lowest: lowestVersion(api), highest: offered === 'none' ? -1 : (offered ?? highestVersion(api)) }
  }

  private async respond(node: number, env: Env, api: Api, version: number, body: any): Promise<any> {
    switch (api) {
      case ApiVersions:
        return this.apiVersions()
      case Metadata:
        return this.metadata(body, version)
      case Produce:
        return this.produce(node, body, version)
      case Fetch:
        return this.fetch(node, env, body)
      case ListOffsets:
        return this.listOffsets(node, body)
      case InitProducerId:
        return { errorCode: 0, producerId: this.nextProducerId++, producerEpoch: 0 }
      case FindCoordinator:
        return this.findCoordinator(body)
      case OffsetCommit:
        return this.offsetCommit(body)
      case OffsetFetch:
        return this.offsetFetch(body)
      case DescribeConfigs:
        return this.describeConfigs(body)
      case DescribeQuorum:
        return { errorCode: errorCode.UNSUPPORTED_VERSION, errorMessage: 'no quorum here', topics: [] }
      default:
        throw new Error(`the fake cluster does not serve ${api.name}`)
    }
  }

  private apiVersions(): Input<typeof ApiVersions.response> {
    return {
      errorCode: 0,
      apiKeys: APIS.map((api) => ({ api, range: this.range(api) }))
        .filter(({ range }) => range.highest >= 0)
        .map(({ api, range }) => ({ apiKey: api.key, minVersion: range.lowest, maxVersion: range.highest })),
    }
  }

  private metadata(body: Infer<typeof Metadata.request>, version: number): Input<typeof Metadata.response> {
    const all = body.topics === null || (version === 0 && body.topics.length === 0)
    const names = all ? [...this.topics.keys()] : body.topics!.map((t) => t.name ?? '')
    return {
      brokers: [...this.listeners].map(([nodeId, b]) => ({ nodeId, host: b.host, port: b.listener.port })),
      clusterId: this.clusterId,
      controllerId: Math.min(...this.listeners.keys()),
      topics: names.map((name) => {
        const topic = this.topics.get(name)
        if (!topic) return { errorCode: errorCode.UNKNOWN_TOPIC_OR_PARTITION, name, partitions: [] }
        return {
          errorCode: 0,
          name,
          topicId: topic.id,
          partitions: topic.partitions.map((p, partitionIndex) => ({
            errorCode: p.leader < 0 ? errorCode.LEADER_NOT_AVAILABLE : 0,
            partitionIndex,
            leaderId: p.leader,
            leaderEpoch: p.leaderEpoch,
            replicaNodes: [p.leader],
            isrNodes: [p.leader],
          })),
        }
      }),
    }
  }

  private named(t: { name?: string; topic?: string; topicId: string }): { name: string; topic: FakeTopic | undefined } {
    const name = t.name || t.topic || [...this.topics].find(([, topic]) => topic.id === t.topicId)?.[0] || ''
    return { name, topic: this.topics.get(name) }
  }

  private produce(node: number, body: Infer<typeof Produce.request>, version: number): Input<typeof Produce.response> {
    return {
      responses: body.topicData.map((t) => {
        const { topic } = this.named(t)
        return {
          name: t.name,
          topicId: t.topicId,
          partitionResponses: t.partitionData.map(({ index, records }) => {
            const p = topic?.partitions[index]
            const missing = version > 12 ? errorCode.UNKNOWN_TOPIC_ID : errorCode.UNKNOWN_TOPIC_OR_PARTITION
            if (!p) return { index, errorCode: missing, baseOffset: -1 }
            if (p.leader !== node) return { index, errorCode: errorCode.NOT_LEADER_OR_FOLLOWER, baseOffset: -1 }
            const result = this.appendProduced(topic!, p, records as Buffer)
            return { index, ...result, logStartOffset: p.startOffset }
          }),
        }
      }),
    }
  }

  private appendProduced(
    topic: FakeTopic,
    p: FakePartition,
    records: Buffer,
  ): { errorCode: number; baseOffset: number } {
    const batch = new RecordBatch(Buffer.from(records))
    if (!batch.isValid) return { errorCode: errorCode.CORRUPT_MESSAGE, baseOffset: -1 }
    if (batch.sizeInBytes > topic.maxBatchBytes) return { errorCode: errorCode.MESSAGE_TOO_LARGE, baseOffset: -1 }
    if (batch.hasProducerId) {
      const key = `${batch.producerId} ${batch.producerEpoch}`
      const next = p.sequences.get(key)
      if (next !== undefined && batch.baseSequence < next) {
        const before = p.log.map((b) => new RecordBatch(b))
        const twin = before.find((b) => b.producerId === batch.producerId && b.baseSequence === batch.baseSequence)
        return { errorCode: 0, baseOffset: twin!.baseOffset }
      }
      if (batch.baseSequence !== (next ?? 0)) {
        return { errorCode: errorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, baseOffset: -1 }
      }
      p.sequences.set(key, batch.baseSequence + batch.recordCount)
    }
    const baseOffset = p.endOffset
    batch.baseOffset = baseOffset
    p.log.push(batch.buf)
    p.endOffset = batch.nextOffset
    for (const wake of p.waiters.splice(0)) wake()
    return { errorCode: 0, baseOffset }
  }

  private async fetch(
    node: number,
    env: Env,
    body: Infer<typeof Fetch.request>,
  ): Promise<Input<typeof Fetch.response>> {
    const look = () => ({
      responses: body.topics.map((t) => {
        const { topic } = this.named(t)
        return {
          topic: t.topic,
          topicId: t.topicId,
          partitions: t.partitions.map((f) => fetched(topic?.partitions[f.partition], node, f)),
        }
      }),
    })
    const some = (r: ReturnType<typeof look>) =>
      r.responses.some((t) => t.partitions.some((p) => p.errorCode !== 0 || p.records.length > 0))
    const first = look()
    if (some(first) || body.maxWaitMs === 0) return first
    await new Promise<void>((resolve) => {
      env.clock.after(body.maxWaitMs, resolve)
      for (const t of body.topics) {
        for (const f of t.partitions) this.named(t).topic?.partitions[f.partition]?.waiters.push(resolve)
      }
    })
    return look()
  }

  private listOffsets(node: number, body: Infer<typeof ListOffsets.request>): Input<typeof ListOffsets.response> {
    const asked = new Set<string>()
    return {
      topics: body.topics.map((t) => ({
        name: t.name,
        partitions: t.partitions.map(({ partitionIndex, timestamp }) => {
          const p = this.partition(t.name, partitionIndex)
          const key = `${t.name} ${partitionIndex}`
          if (asked.has(key)) return { partitionIndex, errorCode: errorCode.INVALID_REQUEST }
          asked.add(key)
          if (!p) return { partitionIndex, errorCode: errorCode.UNKNOWN_TOPIC_OR_PARTITION }
          if (p.leader !== node) return { partitionIndex, errorCode: errorCode.NOT_LEADER_OR_FOLLOWER }
          if (timestamp === -2) return { partitionIndex, errorCode: 0, offset: p.startOffset, leaderEpoch: 0 }
          if (timestamp === -1) return { partitionIndex, errorCode: 0, offset: p.endOffset, leaderEpoch: 0 }
          const found = p.log.map((b) => new RecordBatch(b)).find((b) => b.maxTimestamp >= timestamp)
          return { partitionIndex, errorCode: 0, offset: found?.baseOffset ?? -1, timestamp: found?.maxTimestamp ?? -1 }
        }),
      })),
    }
  }

  private findCoordinator(body: Infer<typeof FindCoordinator.request>): Input<typeof FindCoordinator.response> {
    const node = Math.max(...this.listeners.keys())
    const { listener, host } = this.listeners.get(node)!
    const at = { nodeId: node, host, port: listener.port, errorCode: 0, errorMessage: null }
    return { ...at, coordinators: body.coordinatorKeys.map((key) => ({ key, ...at })) }
  }

  private offsetCommit(body: Infer<typeof OffsetCommit.request>): Input<typeof OffsetCommit.response> {
    const group = this.committed.get(body.groupId) ?? new Map<string, number>()
    this.committed.set(body.groupId, group)
    return {
      topics: body.topics.map((t) => ({
        name: t.name,
        partitions: t.partitions.map((p) => {
          group.set(`${t.name} ${p.partitionIndex}`, p.committedOffset)
          return { partitionIndex: p.partitionIndex, errorCode: 0 }
        }),
      })),
    }
  }

  private offsetFetch(body: Infer<typeof OffsetFetch.request>): Input<typeof OffsetFetch.response> {
    const topicsOf = (groupId: string) => {
      const offsets = [...(this.committed.get(groupId) ?? [])].map(([key, committedOffset]) => {
        const [name, partition] = key.split(' ')
        return { name: name!, partitionIndex: Number(partition), committedOffset, metadata: '', errorCode: 0 }
      })
      return offsets.map(({ name, ...partition }) => ({ name, partitions: [partition] }))
    }
    return {
      groups: body.groups.map((g) => ({ groupId: g.groupId, topics: topicsOf(g.groupId), errorCode: 0 })),
      topics: topicsOf(body.groupId),
    }
  }

  private describeConfigs(body: Infer<typeof DescribeConfigs.request>): Input<typeof DescribeConfigs.response> {
    return {
      throttleTimeMs: 0,
      results: body.resources.map(({ resourceType, resourceName }) => ({
        errorCode: 0,
        errorMessage: null,
        resourceType,
        resourceName,
        configs: [
          {
            name: 'retention.ms',
            value: '604800000',
            readOnly: false,
            isSensitive: false,
            configSource: 5,
            documentation: null,
          },
        ],
      })),
    }
  }
}

type FetchedPartition = Infer<typeof Fetch.request>['topics'][number]['partitions'][number]

function fetched(p: FakePartition | undefined, node: number, f: FetchedPartition) {
  const answer = {
    partitionIndex: f.partition,
    errorCode: 0,
    highWatermark: -1,
    abortedTransactions: null,
    records: Buffer.alloc(0),
  }
  if (!p) return { ...answer, errorCode: errorCode.UNKNOWN_TOPIC_OR_PARTITION }
  if (p.leader !== node) return { ...answer, errorCode: errorCode.NOT_LEADER_OR_FOLLOWER }
  if (f.fetchOffset < p.startOffset || f.fetchOffset > p.endOffset) {
    return { ...answer, errorCode: errorCode.OFFSET_OUT_OF_RANGE }
  }
  const parts: Buffer[] = []
  let bytes = 0
  for (const raw of p.log) {
    for (const batch of batches(raw)) {
      if (batch.lastOffset < f.fetchOffset) continue
      if (parts.length > 0 && bytes + batch.sizeInBytes > f.partitionMaxBytes) break
      parts.push(batch.bytes())
      bytes += batch.sizeInBytes
    }
  }
  const ends = { highWatermark: p.endOffset, lastStableOffset: p.endOffset, logStartOffset: p.startOffset }
  return { ...answer, ...ends, records: Buffer.concat(parts) }
}
