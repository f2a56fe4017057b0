/**
 * Those who use the broker while it dies and comes back. They speak the real protocol through our client, live on a machine of
 * their own, never give up, and tell the history what they have seen.
 */
import { type Client, createClient } from '../client/client.ts'
import type { FetchedPartition } from '../client/fetcher.ts'
import type { Env } from '../env/env.ts'
import type { SimRandom } from '../env/sim_random.ts'
import { KafkaError } from '../protocol/errors.ts'
import { InitProducerId } from '../protocol/messages/22_init_producer_id.ts'
import { AlterReplicaLogDirs } from '../protocol/messages/34_alter_replica_log_dirs.ts'
import { MalformedError } from '../protocol/wire.ts'
import { ConsumerMember } from './consumer_member.ts'
import { COMPACTED, type Event, type History, keyOf } from './history.ts'
import { Member } from './member.ts'
import { PipelinedProducer } from './pipelined_producer.ts'

export interface Topic {
  readonly name: string
  readonly partitions: number
  readonly configs: Record<string, string>
}

export interface Workload {
  readonly topics: readonly Topic[]
  readonly env: Env
  readonly random: SimRandom
  readonly history: History
  readonly bootstrap: readonly { readonly host: string; readonly port: number }[]
  /** Of the topics; 1 if it is left out. */
  readonly replicationFactor?: number
  /** Its log dirs. */
  readonly dirs: readonly string[]
}

const FOR_EVER_MS = 1e9

export class Clients {
  readonly client: Client
  /** No new work: everyone finishes what has begun. */
  private finishing = false
  private readonly running: Promise<void>[] = []
  private readonly created = new Set<string>()

  constructor(private readonly w: Workload) {
    this.client = this.newClient('admin')
  }

  /** Everyone begins. Topics are made first; who needs one waits for it. */
  start(): void {
    this.go(this.createTopics())
    const { topics, random } = this.w
    for (const topic of topics) {
      const durable = topic.name.startsWith('durable')
      for (let i = 0; i < 2; i++) {
        if (durable || i === 0)
          this.go(this.produce(topic, `i${topic.name}${i}`, 'all', random.fork(`produce ${topic.name} ${i}`)))
        else this.go(this.produce(topic, `p${topic.name}${i}`, 1, random.fork(`produce ${topic.name} ${i}`)))
      }
      this.go(this.pipeline(topic, `q${topic.name}`, random.fork(`pipeline ${topic.name}`)))
      for (let p = 0; p < topic.partitions; p++) this.go(this.read(topic, p, random.fork(`read ${topic.name} ${p}`)))
      for (const i of [0, 1])
        this.go(this.join(topic, `members-${topic.name}`, random.fork(`member ${topic.name} ${i}`)))
      for (const i of [0, 1])
        this.go(this.consume(topic, `consumers-${topic.name}`, i, random.fork(`consumer ${topic.name} ${i}`)))
      this.go(this.commit(topic, `group-${topic.name}`, random.fork(`commit ${topic.name}`)))
    }
    this.go(this.administer(random.fork('administer')))
    if (topics.some(({ name }) => name === COMPACTED)) this.go(this.compactOffsets())
  }

  /** Resolves when all that was begun is answered. */
  async finish(): Promise<void> {
    this.finishing = true
    await Promise.all(this.running)
  }

  /** What the cluster has: every partition from its start to its high watermark, every topic, every committed offset. */
  async takeStock(recovery: number): Promise<void> {
    const { history, topics } = this.w
    // A client without memory of the broker's life before.
    const client = this.newClient(`stock ${recovery}`)
    history.add(await this.insist(() => this.listTopics(client)))
    for (const topic of topics) {
      for (let partition = 0; partition < topic.partitions; partition++)
        await this.readAll(client, { topic: topic.name, partition }, recovery)
      for (const group of [`group-${topic.name}`, `members-${topic.name}`, `consumers-${topic.name}`])
        await this.fetchOffsets(client, topic, group)
    }
    await client.close()
  }

  private go(work: Promise<void>): void {
    this.running.push(work)
  }

  private newClient(clientId: string): Client {
    return createClient(this.w.env, {
      bootstrap: [...this.w.bootstrap],
      clientId,
      requestTimeoutMs: 2_000,
      connectTimeoutMs: 500,
      callTimeoutMs: 3_000,
      retryBackoffMs: 5,
      retryBackoffMaxMs: 50,
      metadataMaxAgeMs: 1_000,
    })
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.w.env.clock.after(ms, resolve))
  }

  /** Again and again until it succeeds, as people do. */
  private async insist<T>(fn: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await fn()
      } catch (e) {
        if (!(e instanceof KafkaError)) throw e
        await this.sleep(10)
      }
    }
  }

  private async createTopics(): Promise<void> {
    const { topics, history, replicationFactor = 1 } = this.w
    for (const { name, partitions, configs } of topics) {
      history.add({ kind: 'topic creation sent', topic: name })
      await this.insist(async () => {
        const [result] = await this.client.admin.createTopics([{ name, partitions, replicationFactor, configs }])
        if (result!.error !== null && result!.error.error !== 'TOPIC_ALREADY_EXISTS') throw result!.error
        const [topic] = await this.client.admin.describeTopics([name])
        if (topic!.error !== null) throw topic!.error
        history.add({ kind: 'topic created', topic: name, topicId: topic!.topicId! })
      })
      this.created.add(name)
    }
  }

  /** Has what groups have written compacted whenever a few of it are more. */
  private async compactOffsets(): Promise<void> {
    const configs = [
      { name: 'internal.segment.bytes', op: 'set', value: '20000' },
      { name: 'min.cleanable.dirty.ratio', op: 'set', value: '0.1' },
    ] as const
    await this.insist(async () => {
      const change = { type: 'topic', name: '__consumer_offsets', configs } as const
      const [result] = await this.client.admin.incrementalAlterConfigs([change])
      if (result!.error !== null) throw result!.error
    })
  }

  private async listTopics(client: Client): Promise<Event> {
    const askedMs = this.nowMs
    const listed = (await client.admin.listTopics()).filter((t) => !t.isInternal)
    return { kind: 'topics listed', askedMs, topics: Object.fromEntries(listed.map((t) => [t.name, t.topicId!])) }
  }

  private get nowMs(): number {
    return this.w.env.clock.monotonic()
  }

  private async whenCreated(topic: Topic): Promise<void> {
    while (!this.created.has(topic.name)) await this.sleep(5)
  }

  private async produce(topic: Topic, name: string, acks: 'all' | 1, random: SimRandom): Promise<void> {
    await this.whenCreated(topic)
    const { history } = this.w
    const client = this.newClient(name)
    const producer = client.producer({
      acks,
      deliveryTimeoutMs: FOR_EVER_MS,
      codec: random.pick(['none', 'none', 'lz4', 'gzip']),
    })
    for (let n = 0; !this.finishing; n++) {
      const partition = random.int(topic.partitions)
      const at = `${topic.name}/${partition}`
      const value = `${name}-${n}`
      history.add({ kind: 'sent', producer: name, at, value })
      const padding = Buffer.alloc(random.chance(0.1) ? random.int(4_000) : random.int(100), 0x6b)
      const key = topic.name === COMPACTED ? Buffer.from(keyOf(value)) : padding
      producer.enqueue(
        { topic: topic.name, partition, key, value: Buffer.from(value) },
        {
          delivered: (_, offset) =>
            history.add({ kind: 'acknowledged', producer: name, at, value, offset, durable: acks === 'all' }),
          failed: (e) => history.add({ kind: 'refused', producer: name, at, value, error: e.error }),
        },
      )
      // Bursts and pauses; and no more than so much unanswered while nobody is there.
      if (random.chance(0.4)) await this.sleep(random.int(random.chance(0.1) ? 60 : 8))
      while (producer.bufferedBytes > 20_000) await this.sleep(5)
    }
    await producer.close()
    await client.close()
  }

  private async pipeline(topic: Topic, name: string, random: SimRandom): Promise<void> {
    await this.whenCreated(topic)
    const client = this.newClient(name)
    await new PipelinedProducer({
      client,
      name: `i${name}`,
      topic: topic.name,
      partition: random.int(topic.partitions),
      history: this.w.history,
      random,
      nowMs: () => this.w.env.clock.now(),
      sleep: (ms) => this.sleep(ms),
      finishing: () => this.finishing,
    }).run()
    await client.close()
  }

  private async read(topic: Topic, partition: number, random: SimRandom): Promise<void> {
    await this.whenCreated(topic)
    const { history } = this.w
    const at = `${topic.name}/${partition}`
    const reader = `reader-${at}`
    const client = this.newClient(reader)
    let offset = 0
    while (!this.finishing) {
      const position = { topic: topic.name, partition, offset }
      const askedMs = this.nowMs
      const [answer] = await client.fetcher.fetch([position], {
        maxWaitMs: 30,
        partitionMaxBytes: random.between(1, 20_000),
      })
      if (answer!.error?.error === 'OFFSET_OUT_OF_RANGE') {
        // The start was deleted, or what was read has been lost with the machine: go to where there is something.
        offset = await this.startOf(client, topic.name, partition)
        history.add({ kind: 'seek', reader, at, offset })
      } else if (answer!.error === null) {
        const { highWatermark, logStartOffset: logStart } = answer!
        history.add({ kind: 'watermarks', at, askedMs, highWatermark, logStart })
        this.see(answer!, at, reader)
        offset = answer!.nextOffset
        if (random.chance(0.02)) {
          offset = Math.max(answer!.logStartOffset, offset - random.int(200))
          history.add({ kind: 'seek', reader, at, offset })
        }
      }
      await this.sleep(random.int(10))
    }
    await client.close()
  }

  private see(answer: FetchedPartition, at: string, reader: string | undefined): [number, string][] {
    const records: [number, string][] = []
    for (const batch of answer.batches) {
      for (const r of this.recordsOf(batch, at)) {
        const value = r.value!.toString('latin1')
        records.push([r.offset, value])
        if (reader !== undefined) this.w.history.add({ kind: 'read', reader, at, offset: r.offset, value })
      }
    }
    return records
  }

  private recordsOf(batch: FetchedPartition['batches'][number], at: string): ReturnType<typeof batch.records> {
    try {
      return batch.records()
    } catch (e) {
      if (!(e instanceof MalformedError)) throw e
      this.w.history.add({ kind: 'corrupt', at, offset: batch.baseOffset })
      return []
    }
  }

  private async startOf(client: Client, topic: string, partition: number): Promise<number> {
    return this.insist(async () => {
      const [earliest] = await client.admin.listOffsets([{ topic, partition, at: 'earliest' }])
      if (earliest!.error !== null) throw earliest!.error
      return earliest!.offset!
    })
  }

  private async readAll(client: Client, tp: { topic: string; partition: number }, recovery: number): Promise<void> {
    const at = `${tp.topic}/${tp.partition}`
    let offset = await this.startOf(client, tp.topic, tp.partition)
    const logStart = offset
    const records: [number, string][] = []
    for (;;) {
      const answer = await this.insist(async () => {
        const [a] = await client.fetcher.fetch([{ ...tp, offset }])
        if (a!.error !== null) throw a!.error
        return a!
      })
      records.push(...this.see(answer, at, undefined))
      const { highWatermark } = answer
      if (answer.nextOffset >= highWatermark || answer.nextOffset === offset) {
        this.w.history.add({ kind: 'contents', at, recovery, logStart, highWatermark, records })
        return
      }
      offset = answer.nextOffset
    }
  }

  /** A consumer that commits what it has got to, ever further, one commit after the other. */
  private async commit(topic: Topic, group: string, random: SimRandom): Promise<void> {
    await this.whenCreated(topic)
    const { history } = this.w
    const client = this.newClient(group)
    const offsets = new Array<number>(topic.partitions).fill(0)
    while (!this.finishing) {
      const partition = random.int(topic.partitions)
      const at = `${topic.name}/${partition}`
      const offset = (offsets[partition]! += random.between(1, 5))
      history.add({ kind: 'commit sent', group, at, offset })
      await this.insist(async () => {
        const [result] = await client.admin.offsetCommit(group, [{ topic: topic.name, partition, offset }])
        if (result!.error !== null) throw result!.error
      })
      history.add({ kind: 'committed', group, at, offset })
      if (random.chance(0.3)) await this.fetchOffsets(client, topic, group)
      await this.sleep(random.int(20))
    }
    await client.close()
  }

  private async join(topic: Topic, group: string, random: SimRandom): Promise<void> {
    await this.whenCreated(topic)
    const client = this.newClient(group)
    await new Member({
      client,
      group,
      topic: topic.name,
      partitions: topic.partitions,
      history: this.w.history,
      random,
      sleep: (ms) => this.sleep(ms),
      finishing: () => this.finishing,
    }).run()
    await client.close()
  }

  private async consume(topic: Topic, group: string, i: number, random: SimRandom): Promise<void> {
    await this.whenCreated(topic)
    const client = this.newClient(group)
    await new ConsumerMember({
      client,
      group,
      topic: topic.name,
      partitions: topic.partitions,
      name: `consumer${i}`,
      history: this.w.history,
      random,
      nowMs: () => this.nowMs,
      sleep: (ms) => this.sleep(ms),
      finishing: () => this.finishing,
    }).run()
    await client.close()
  }

  private async fetchOffsets(client: Client, topic: Topic, group: string): Promise<void> {
    const partitions = Array.from({ length: topic.partitions }, (_, partition) => ({ topic: topic.name, partition }))
    const offsets = await this.insist(async () => {
      const [answer] = await client.admin.offsetFetch([{ groupId: group, partitions }])
      const error = answer!.error ?? answer!.offsets.find((o) => o.error !== null)?.error
      if (error) throw error
      return answer!.offsets
    })
    for (const { partition, offset } of offsets) {
      this.w.history.add({ kind: 'offset fetched', group, at: `${topic.name}/${partition}`, offset: offset ?? -1 })
    }
  }

  private async moveSome(client: Client, random: SimRandom): Promise<undefined> {
    const { name, partitions } = random.pick(this.w.topics)
    const dirs = [{ path: random.pick(this.w.dirs), topics: [{ name, partitions: [random.int(partitions)] }] }]
    await client.cluster.request('any', AlterReplicaLogDirs, { dirs })
    return undefined
  }

  /** Asks for producer ids, lists topics, deletes old records, moves partitions between log dirs. */
  private async administer(random: SimRandom): Promise<void> {
    const { topics, history } = this.w
    const client = this.newClient('administrator')
    const tasks: (() => Promise<Event | undefined>)[] = [
      async () => {
        const request = { transactionalId: null, transactionTimeoutMs: 0 }
        const { errorCode, producerId } = await client.cluster.request('any', InitProducerId, request)
        return errorCode === 0 ? { kind: 'producer id', id: producerId } : undefined
      },
      () => this.listTopics(client),
      async () => {
        const topic = random.pick(topics)
        const partition = random.int(topic.partitions)
        const at = `${topic.name}/${partition}`
        const [latest] = await client.admin.listOffsets([{ topic: topic.name, partition, at: 'latest' }])
        if (latest!.error !== null) return undefined
        const offset = random.int(latest!.offset! + 1)
        const [deleted] = await client.admin.deleteRecords([{ topic: topic.name, partition, offset }])
        return deleted!.error === null ? { kind: 'deleted', at, logStart: deleted!.lowWatermark } : undefined
      },
    ]
    if (this.w.dirs.length > 1) tasks.splice(1, 0, () => this.moveSome(client, random))
    while (!this.finishing) {
      await this.sleep(random.int(random.chance(0.5) ? 20 : 300))
      try {
        const event = await random.pick(random.chance(0.1) ? tasks : tasks.slice(0, -1))()
        if (event !== undefined) history.add(event)
      } catch (e) {
        if (!(e instanceof KafkaError)) throw e
      }
    }
    await client.close()
  }
}
