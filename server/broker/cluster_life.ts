/**
 * Brokers on simulated machines that die, stop, lose power and are cut off from each other while clients write and commit: for tests
 * of replication as a whole. It keeps what clients were told, so that it can be asked for at the end.
 */
import { type Client, createClient } from '../client/client.ts'
import type { Producer } from '../client/producer.ts'
import type { Clock } from '../env/env.ts'
import { SimRandom } from '../env/sim_random.ts'
import { KafkaError } from '../protocol/errors.ts'
import { ElectLeaders } from '../protocol/messages/43_elect_leaders.ts'
import { batches, iterateRecords } from '../records/batch.ts'
import { brokerHost, CONTROLLER, remoteStage } from './link/testing.ts'

const TOPIC = 't'
const GROUP = 'g'
const FOR_EVER_MS = 1e9

/** Shorter than Kafka's, so that much happens in little time. */
const SETTINGS = {
  'broker.session.timeout.ms': '2000',
  'broker.heartbeat.interval.ms': '300',
  'replica.lag.time.max.ms': '1500',
  'replica.fetch.wait.max.ms': '200',
  'min.insync.replicas': '2',
  'default.replication.factor': '3',
  'offsets.topic.replication.factor': '3',
  'offsets.topic.num.partitions': '2',
  'controller.quorum.request.timeout.ms': '1000',
  'initial.broker.registration.timeout.ms': '600000',
}

/** `isolate`: a broker is cut off from all others and the controller; `elect`: those who are first among the replicas are to lead. */
export type Fault = 'kill' | 'crash' | 'stop' | 'cut' | 'reset' | 'isolate' | 'elect' | 'reassign' | 'controller'

const FAULTS: readonly Fault[] = [
  ...(['kill', 'crash', 'stop', 'cut', 'reset'] as const),
  ...(['isolate', 'elect', 'elect', 'reassign', 'reassign', 'controller'] as const),
]

export interface LifeOptions {
  readonly seed: number
  readonly brokers?: number
  readonly partitions?: number
  readonly faults: number
  readonly kinds?: readonly Fault[]
  readonly settings?: Record<string, string>
}

export class ClusterLife {
  readonly stage: ReturnType<typeof remoteStage>
  readonly random: SimRandom
  readonly ids: readonly number[]
  readonly partitions: number
  /** Values that were acknowledged, by partition, in the order in which they were sent. */
  readonly acknowledged: string[][]
  /** The largest offset of which a commit was answered, by partition. */
  readonly committed: number[]
  readonly problems: string[] = []
  private readonly client: Client
  private readonly clientClock: Clock
  private readonly settings: Record<string, string>
  private finishing = false
  private readonly running: Promise<void>[] = []

  constructor(private readonly o: LifeOptions) {
    this.settings = { ...SETTINGS, ...o.settings }
    this.stage = remoteStage({
      seed: o.seed,
      brokerSettings: this.settings,
      controllerSettings: this.settings,
    })
    this.random = new SimRandom(o.seed)
    this.ids = Array.from({ length: o.brokers ?? 3 }, (_, i) => i + 1)
    this.partitions = o.partitions ?? 3
    this.acknowledged = Array.from({ length: this.partitions }, () => [])
    this.committed = new Array(this.partitions).fill(0)
    this.client = this.newClient()
    this.clientClock = this.stage.sim.machine('client').boot().clock
  }

  private newClient(): Client {
    return createClient(this.stage.sim.machine('client').boot(), {
      bootstrap: this.ids.map((id) => ({ host: brokerHost(id), port: 9092 })),
      requestTimeoutMs: 2_000,
      connectTimeoutMs: 300,
      callTimeoutMs: 4_000,
      retryBackoffMs: 10,
      retryBackoffMaxMs: 100,
    })
  }

  private get clock() {
    return this.stage.sim.time
  }

  /** All that happens: begins, faults, heals, and waits until every replica is in sync. */
  async run(): Promise<void> {
    await this.begin()
    for (let i = 0; i < this.o.faults; i++) await this.somethingHappens()
    await this.end()
  }

  /** After a while one more fault, or one that is over. */
  async somethingHappens(): Promise<void> {
    await this.clock.runFor(this.random.int(1_500))
    await this.fault(this.random.pick(this.o.kinds ?? FAULTS))
  }

  async begin(): Promise<void> {
    const { stage } = this
    await stage.wait(stage.startController(this.settings))
    for (const id of this.ids) await stage.wait(stage.startBroker(id, this.settings))
    const configs = { 'segment.bytes': '1048576' }
    const [made] = await stage.wait(
      this.client.admin.createTopics([
        { name: TOPIC, partitions: this.partitions, replicationFactor: this.ids.length, configs },
      ]),
    )
    if (made!.error) throw made!.error
    const producer = this.client.producer({ deliveryTimeoutMs: FOR_EVER_MS, ackTimeoutMs: 1_000 })
    for (let p = 0; p < this.partitions; p++) this.running.push(this.write(producer, p))
    this.running.push(this.commit())
  }

  async end(): Promise<void> {
    const { stage } = this
    this.heal()
    for (const id of this.ids)
      if (!stage.brokers.has(id)) await stage.wait(stage.startBroker(id, this.settings), 120_000)
    await this.clock.runFor(300)
    this.finishing = true
    await stage.wait(Promise.all(this.running), 120_000)
    if (!(await stage.until(() => this.isWhole(), 60_000))) this.problems.push(`not whole at the end: ${this.shown()}`)
    // The last word on the high watermark has to come to the followers.
    await this.clock.runFor(1_000)
  }

  private async fault(kind: Fault): Promise<void> {
    const { stage, random } = this
    if (kind === 'elect') return this.elect()
    if (kind === 'reassign') return this.reassign()
    if (kind === 'controller') {
      stage.killController()
      await this.clock.runFor(random.int(2_000))
      return stage.wait(stage.startController(this.settings))
    }
    const up = this.ids.filter((id) => stage.brokers.has(id))
    const down = this.ids.filter((id) => !stage.brokers.has(id))
    // Half of the time somebody comes back instead; always, where another would be too many.
    if (down.length > 0 && (random.chance(0.5) || down.length >= this.ids.length - 1)) {
      const id = random.pick(down)
      await stage.wait(stage.startBroker(id, this.settings), 120_000)
      return
    }
    const id = random.pick(up)
    if (kind === 'kill') stage.killBroker(id)
    else if (kind === 'stop') await stage.stopBroker(id)
    else if (kind === 'crash') {
      // One at a time: what was in the caches of two machines may be lost with both.
      if (down.length > 0 || !this.isWhole()) return
      stage.brokers.delete(id)
      stage.machineOf(id).crash()
    } else {
      const others = this.ids.filter((i) => i !== id).map(brokerHost)
      const { network } = stage.sim
      if (kind === 'reset') return network.reset(brokerHost(id), random.pick(others))
      const from = kind === 'isolate' ? [...others, CONTROLLER.host] : [random.pick(others)]
      for (const host of from) network.cut(brokerHost(id), host)
      await this.clock.runFor(random.int(4_000))
      this.heal()
    }
  }

  private async elect(): Promise<void> {
    const body = { electionType: 0, topicPartitions: null, timeoutMs: 2_000 }
    await this.stage.wait(this.client.cluster.request('controller', ElectLeaders, body).catch(() => {}))
  }

  /** Other replicas, or others first, for some partition. */
  private async reassign(): Promise<void> {
    const { random } = this
    const topic = random.pick([...this.image.topics.values()])
    const left = [...this.ids]
    const replicas = this.ids.map(() => left.splice(random.int(left.length), 1)[0]!)
    if (random.chance(0.3)) replicas.pop()
    const { partitionId: partition } = random.pick([...topic.partitions])
    await this.stage.wait(
      this.client.admin.alterPartitionReassignments([{ topic: topic.name, partition, replicas }]).catch(() => {}),
    )
  }

  private heal(): void {
    const { network } = this.stage.sim
    for (const id of this.ids) network.heal(brokerHost(id), CONTROLLER.host)
    for (const a of this.ids) for (const b of this.ids) if (a < b) network.heal(brokerHost(a), brokerHost(b))
  }

  /** One record after the other, each as often as it takes. */
  private async write(producer: Producer, partition: number): Promise<void> {
    const random = this.random.fork(`write ${partition}`)
    for (let n = 0; !this.finishing; n++) {
      const value = `${partition}/${n}`
      const several = random.int(5)
      const sent = Array.from({ length: several + 1 }, (_, i) => {
        const record = { topic: TOPIC, partition, key: null, value: Buffer.from(`${value}.${i}`) }
        return producer.send(record).then(
          () => void this.acknowledged[partition]!.push(`${value}.${i}`),
          (error: KafkaError) => {
            // No broker could be asked who leads.
            if (!error.retriable) this.problems.push(`${value}.${i} is refused: ${error}`)
          },
        )
      })
      await Promise.all(sent)
      await this.sleep(random.int(150))
    }
  }

  private async commit(): Promise<void> {
    const random = this.random.fork('commit')
    const next = new Array(this.partitions).fill(0)
    while (!this.finishing) {
      const partition = random.int(this.partitions)
      const offset = (next[partition] += random.between(1, 5))
      if (await this.insist(() => this.commitOne(partition, offset))) this.committed[partition] = offset
      const [found] = (await this.insist(() => this.fetchCommitted(partition))) ?? []
      if (found !== undefined && found < this.committed[partition]!) {
        this.problems.push(
          `the commit of ${TOPIC}-${partition} went back from ${this.committed[partition]} to ${found}`,
        )
      }
      await this.sleep(random.int(200))
    }
  }

  private async commitOne(partition: number, offset: number): Promise<true> {
    const [result] = await this.client.admin.offsetCommit(GROUP, [{ topic: TOPIC, partition, offset }])
    if (result!.error) throw result!.error
    return true
  }

  private async fetchCommitted(partition: number): Promise<number[]> {
    const [group] = await this.client.admin.offsetFetch([{ groupId: GROUP, partitions: [{ topic: TOPIC, partition }] }])
    if (group!.error) throw group!.error
    return group!.offsets.map(({ offset }) => offset ?? 0)
  }

  private async insist<T>(fn: () => Promise<T>): Promise<T | undefined> {
    while (true) {
      try {
        return await fn()
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error
        await this.sleep(20)
      }
    }
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.clientClock.after(ms, resolve))
  }

  // --- what there is ---

  private get image() {
    return this.stage.controller.controller.image
  }

  /** Everybody is there and in sync. */
  isWhole(): boolean {
    if (this.ids.some((id) => !this.stage.brokers.has(id) || !this.image.isActive(id))) return false
    return [...this.image.topics.values()].every((t) => t.partitions.every((p) => p.isr.length === p.replicas.length))
  }

  shown(): string {
    const partitions = [...this.image.topics.values()].flatMap((t) =>
      t.partitions.map((p) => `${t.name}-${p.partitionId}: leader ${p.leader} isr ${p.isr} epoch ${p.leaderEpoch}`),
    )
    return partitions.join('; ')
  }

  /** The bytes of a replica from its start to the high watermark. */
  async bytesOf(id: number, topic: string, index: number): Promise<Buffer> {
    const { log, highWatermark } = this.stage.brokers.get(id)!.partitions.replica(topic, index)
    const parts: Buffer[] = []
    let offset = log.logStartOffset
    while (offset < highWatermark) {
      const read = await log.read({ offset, maxBytes: 1 << 20, maxOffset: highWatermark, minOneBatch: true })
      for (const part of read) {
        parts.push(Buffer.from(part))
        for (const batch of batches(part)) offset = batch.nextOffset
      }
      if (read.length === 0) break
    }
    return Buffer.concat(parts)
  }

  /** Says what is wrong with what the cluster holds: nothing, it is to be hoped. */
  async judge(): Promise<string[]> {
    const problems = [...this.problems]
    for (const topic of this.image.topics.values()) {
      for (const p of topic.partitions) {
        const copies = await this.stage.wait(
          Promise.all(p.replicas.map((id) => this.bytesOf(id, topic.name, p.partitionId))),
        )
        const name = `${topic.name}-${p.partitionId}`
        for (const [i, copy] of copies.entries()) {
          if (!copy.equals(copies[0]!)) {
            problems.push(
              `${name}: broker ${p.replicas[i]} holds other bytes (${copy.length}) than ${p.replicas[0]} (${copies[0]!.length})`,
            )
          }
        }
        if (topic.name === TOPIC) problems.push(...this.judgeRecords(p.partitionId, copies[0]!))
      }
    }
    return problems
  }

  private judgeRecords(partition: number, bytes: Buffer): string[] {
    const found: string[] = []
    for (const batch of batches(bytes)) for (const r of iterateRecords(batch)) found.push(r.value!.toString())
    const problems: string[] = []
    const places = new Map(found.map((value, i) => [value, i]))
    if (places.size < found.length)
      problems.push(`${TOPIC}-${partition}: ${found.length - places.size} records are there twice`)
    let last = -1
    for (const value of this.acknowledged[partition]!) {
      const at = places.get(value)
      if (at === undefined) problems.push(`${TOPIC}-${partition}: ${value} was acknowledged and is not there`)
      else if (at < last) problems.push(`${TOPIC}-${partition}: ${value} is out of order`)
      last = at ?? last
    }
    return problems
  }
}
