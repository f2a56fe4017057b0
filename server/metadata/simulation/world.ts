/**
 * The life of a controller from a seed: brokers come, go, stop, stall and lose directories, leaders propose who is in sync, topics are
 * made and moved, leaders elected on request, the controller crashes. `judges.ts` looks on; a mutant breaks something around the
 * controller so that the judges have something to convict.
 */
import { SimTime } from '../../env/sim_clock.ts'
import { SimRandom } from '../../env/sim_random.ts'
import { KafkaError } from '../../protocol/errors.ts'
import { CreateTopics } from '../../protocol/messages/19_create_topics.ts'
import { DeleteTopics } from '../../protocol/messages/20_delete_topics.ts'
import { CreatePartitions } from '../../protocol/messages/37_create_partitions.ts'
import { ElectLeaders } from '../../protocol/messages/43_elect_leaders.ts'
import { IncrementalAlterConfigs } from '../../protocol/messages/44_incremental_alter_configs.ts'
import { AlterPartitionReassignments } from '../../protocol/messages/45_alter_partition_reassignments.ts'
import { decodeRecords, RecordBatch } from '../../records/batch.ts'
import { MemoryLog } from '../../state/memory_log.ts'
import { bootstrapRecords } from '../bootstrap.ts'
import type { ControllerSettings } from '../context.ts'
import { MetadataController } from '../controller.ts'
import { ELIGIBLE_LEADER_REPLICAS } from '../features.ts'
import { toRecords } from '../image/to_records.ts'
import { MetadataImage, type PartitionImage, resourceType, type TopicImage } from '../image.ts'
import { metadataRecordCodec } from '../record_codec.ts'
import { anyConfig, fromWire, plain, testSettings } from '../testing.ts'
import { Judges } from './judges.ts'
import type { Mutant } from './mutants.ts'
import { SimBroker } from './sim_broker.ts'

const CONTROLLER = 3000
const SESSION_MS = 9_000
const FAULTS_UNTIL_MS = 180_000
const BALANCE_MS = 20_000

export interface Verdict {
  readonly violations: string[]
  readonly counts: {
    elections: number
    unclean: number
    emptyIsr: number
    moves: number
    proposals: number
    stops: number
    crashes: number
  }
  readonly fingerprint: number
}

export async function simulate(seed: number, mutant?: Mutant): Promise<Verdict> {
  const undo = mutant?.install?.()
  const world = new World(seed, mutant)
  await world.live().finally(undo)
  return {
    violations: [...world.judges.violations],
    counts: { ...world.judges.counts, ...world.counts },
    fingerprint: world.time.fingerprint,
  }
}

export class World {
  readonly time = new SimTime()
  readonly clock = this.time.clock({ dead: false })
  readonly random: SimRandom
  readonly judges: Judges
  readonly counts = { proposals: 0, stops: 0, crashes: 0 }
  readonly brokers: SimBroker[]
  controller!: MetadataController
  /** No more faults: everyone is to settle down. */
  peace = false
  private log: MemoryLog
  private readonly uncleanLives = new Set<string>()
  private readonly settings: ControllerSettings
  private readonly withElr: boolean
  private bootedMs = 0

  constructor(
    seed: number,
    readonly mutant: Mutant | undefined,
  ) {
    this.random = new SimRandom(`controller ${seed}`)
    this.withElr = seed % 6 !== 0
    this.judges = new Judges((incarnationId) => this.uncleanLives.has(incarnationId))
    this.log = new MemoryLog(this.clock, () => this.random.int(this.random.chance(0.1) ? 400 : 5))
    this.settings = {
      ...testSettings,
      nodeId: CONTROLLER,
      brokerSessionTimeoutMs: SESSION_MS,
      leaderImbalanceCheckIntervalMs: BALANCE_MS,
      uncleanLeaderElectionIntervalMs: 30_000,
      ...mutant?.settings,
    }
    const racks = this.random.pick([[null], ['a', 'b'], ['a', 'b', 'c']])
    this.brokers = Array.from({ length: this.random.between(1, 5) }, (_, i) => new SimBroker(this, i + 1, racks))
  }

  async live(): Promise<void> {
    await this.boot()
    while (this.time.elapsedMs < FAULTS_UNTIL_MS && this.judges.violations.size === 0) {
      for (let i = this.random.between(1, 3); i > 0; i--) await this.act()
      await this.pass(this.random.between(1, this.random.chance(0.2) ? 6_000 : 900))
      this.judgeSilence()
      if (this.random.chance(0.05)) this.judgeReplay()
    }
    await this.settle()
    this.judgeReplay()
    this.controller.stop(new Error('the end'))
  }

  /** A new life of the controller on what its log holds. */
  private async boot(): Promise<void> {
    const { log } = this
    const controller = new MetadataController({
      log,
      clock: this.clock,
      random: this.random.fork(`${this.counts.crashes}`),
      leaderEpoch: this.counts.crashes + 1,
      settings: this.settings,
      configRules: anyConfig,
    })
    controller.load(undefined, [...log.batches])
    // Some may have survived the crash though nobody had been told of them.
    const survived = recordsOf(log).slice(this.judges.seen)
    this.judges.committed(survived.map((r) => r.record))
    controller.subscribe((records) => this.judges.committed(records))
    this.controller = this.mutant?.controller?.(controller) ?? controller
    const bootstrap = bootstrapRecords().filter(
      ({ data }) => this.withElr || (data as { name?: string }).name !== ELIGIBLE_LEADER_REPLICAS,
    )
    await this.time.runUntilSettled(this.controller.start(bootstrap))
    this.bootedMs = this.time.elapsedMs
  }

  async pass(ms: number): Promise<void> {
    for (const end = this.time.elapsedMs + ms; this.time.elapsedMs < end; ) {
      for (const broker of this.brokers) broker.beat()
      await this.time.runFor(Math.min(400, end - this.time.elapsedMs))
    }
  }

  /** What is asked may be refused, but nothing else may come of it. */
  ask<A>(work: Promise<A>): Promise<A | undefined> {
    return work.catch((e) => {
      if (!(e instanceof KafkaError) && !/crashed|the end/.test(String(e))) this.judges.convict(`a bug: ${e.stack}`)
      return undefined
    })
  }

  /** What commands see, committed or not. */
  decided(topicId: string, partitionId: number): PartitionImage | undefined {
    return this.decidedImage.topicById(topicId)?.partitions[partitionId]
  }
  decidedEpoch(brokerId: number): number | undefined {
    return this.decidedImage.brokers.get(brokerId)?.brokerEpoch
  }
  private get decidedImage(): MetadataImage {
    return (this.controller as unknown as { decided: MetadataImage }).decided
  }

  diedUnclean(incarnationId: string): void {
    this.uncleanLives.add(incarnationId)
  }

  private async act(): Promise<void> {
    const { random } = this
    const broker = random.pick(this.brokers)
    const what = random.next()
    if (what < 0.3) this.propose()
    else if (what < 0.42) broker.start()
    else if (what < 0.5) broker.kill(random.chance(0.5))
    else if (what < 0.56) broker.stop()
    else if (what < 0.6) broker.stall(random.between(100, 15_000))
    else if (what < 0.62) broker.loseDirectory()
    else if (what < 0.65) broker.tellDirectory()
    else if (what < 0.66) this.unregister(broker)
    else if (what < 0.675) await this.crash()
    else this.administrate()
  }

  /** A leader says who is in sync, sometimes from what it has heard a while ago. */
  private propose(): void {
    const led = this.partitions(this.controller.image).filter(({ p }) => this.brokers[p.leader - 1]?.isServing)
    if (led.length === 0) return
    const { topic, p } = this.random.pick(led)
    this.brokers[p.leader - 1]!.propose(topic, p)
  }

  private unregister(broker: SimBroker): void {
    if (broker.isRunning) return
    void this.ask(this.controller.unregisterBroker(broker.id))
    broker.forget()
  }

  private async crash(): Promise<void> {
    this.counts.crashes++
    this.log = this.log.crash(this.random.chance(0.5) ? 0 : this.random.next())
    await this.boot()
  }

  private administrate(): void {
    const { random, controller } = this
    const name = random.pick(['a', 'b', 'c'])
    const ids = random.chance(0.9) ? this.brokers.map((b) => b.id) : [1, 9]
    const some = () => shuffled(ids, random).slice(0, random.between(1, Math.min(4, ids.length)))
    const partition = random.int(4)
    const config = (resourceType: number, resourceName: string, name: string, value: string) =>
      controller.incrementalAlterConfigs(
        fromWire(IncrementalAlterConfigs, 1, {
          resources: [{ resourceType, resourceName, configs: [{ name, configOperation: 0, value }] }],
          validateOnly: false,
        }),
      )
    const request = (): Promise<unknown> => {
      const what = random.next()
      if (what < 0.3) {
        const topic = { name, numPartitions: random.between(1, 4), replicationFactor: random.between(1, 4) }
        const assignments = Array.from({ length: 2 }, (_, partitionIndex) => ({ partitionIndex, brokerIds: some() }))
        const byHand = { name, numPartitions: -1, replicationFactor: -1, assignments }
        const wanted = random.chance(0.7) ? { ...topic, assignments: [] } : byHand
        return controller.createTopics(fromWire(CreateTopics, 7, { topics: [{ ...wanted, configs: [] }] }))
      }
      if (what < 0.33) return controller.deleteTopics(fromWire(DeleteTopics, 5, { topicNames: [name], timeoutMs: 0 }))
      if (what < 0.38) {
        const topics = [{ name, count: random.between(1, 5), assignments: null }]
        return controller.createPartitions(fromWire(CreatePartitions, 3, { topics, timeoutMs: 0, validateOnly: false }))
      }
      if (what < 0.7) {
        const replicas = random.chance(0.2) ? null : some()
        const topics = [{ name, partitions: [{ partitionIndex: partition, replicas }] }]
        return controller.alterPartitionReassignments(fromWire(AlterPartitionReassignments, 1, { topics }))
      }
      if (what < 0.85) {
        const topicPartitions = random.chance(0.3) ? null : [{ topic: name, partitions: [partition] }]
        const electionType = random.chance(0.85) ? 0 : 1
        return controller.electOnRequest(fromWire(ElectLeaders, 2, { electionType, topicPartitions }))
      }
      if (what < 0.95) {
        const value = String(random.between(1, 3))
        return random.chance(0.7)
          ? config(resourceType.topic, name, 'min.insync.replicas', value)
          : config(resourceType.broker, '', 'min.insync.replicas', value)
      }
      return config(resourceType.topic, name, 'unclean.leader.election.enable', random.chance(0.3) ? 'true' : 'false')
    }
    void this.ask(request())
  }

  /** Who has been silent for a session and a look is fenced by now. */
  private judgeSilence(): void {
    for (const broker of this.brokers) {
      const registered = this.controller.image.brokers.get(broker.id)
      if (registered === undefined || registered.fenced) broker.servedSinceMs = undefined
      else broker.servedSinceMs ??= this.time.elapsedMs
      const sinceMs = Math.max(broker.lastBeatMs, broker.servedSinceMs ?? Number.POSITIVE_INFINITY, this.bootedMs)
      const silentMs = this.time.elapsedMs - sinceMs
      if (silentMs > SESSION_MS + 4_000) this.judges.convict(`broker ${broker.id} has been silent and is not fenced`)
    }
  }

  /** Without faults everyone comes back, and all is as it should be. */
  private async settle(): Promise<void> {
    if (this.judges.violations.size > 0) return
    this.peace = true
    for (const broker of this.brokers) broker.repair()
    for (let i = 0; i < 25; i++) {
      await this.pass(1_000)
      for (const { topic, p } of this.partitions(this.controller.image)) {
        for (const broker of this.brokers) if (broker.isServing) broker.tellFound(topic, p)
        if (this.brokers[p.leader - 1]?.isServing) this.brokers[p.leader - 1]!.proposeAll(topic, p)
      }
    }
    await this.pass(2 * BALANCE_MS)
    for (const { topic, p } of this.partitions(this.controller.image)) {
      const known = p.replicas.every((id) => this.controller.image.brokers.has(id))
      if (!known) continue
      if (p.leader < 0) {
        // Offline for good is only that of which nobody is known to have everything, or to have led last.
        const last = p.lastKnownElr.length === 1 ? p.lastKnownElr : []
        if ([...p.isr, ...p.eligibleLeaderReplicas, ...last].some((id) => p.replicas.includes(id))) {
          this.judges.convict(`in peace nobody leads ${topic.name}: ${JSON.stringify(p)}`)
        }
        continue
      }
      const settled = p.leader === p.replicas[0] && p.isr.length === p.replicas.length && p.addingReplicas.length === 0
      if (!settled) this.judges.convict(`in peace ${topic.name} is not as it should be: ${JSON.stringify(p)}`)
    }
  }

  /** Live state is what the log gives, and what a snapshot gives. */
  private judgeReplay(): void {
    const image = plain(this.controller.image)
    const committed = new MetadataImage()
    for (const { record, offset } of recordsOf(this.log)) {
      if (offset < this.controller.image.nextOffset) committed.apply(record, { offset, timestampMs: 0 })
    }
    const again = new MetadataImage()
    for (const record of toRecords(this.controller.image)) again.apply(record, { offset: 0, timestampMs: 0 })
    const text = JSON.stringify(image)
    if (JSON.stringify(plain(committed)) !== text) this.judges.convict('the image differs from the replay of the log')
    if (JSON.stringify(plain(again)) !== text) this.judges.convict('the image differs from its snapshot')
  }

  partitions(image: MetadataImage): { topic: TopicImage; p: PartitionImage }[] {
    return [...image.topics.values()].flatMap((topic) => topic.partitions.map((p) => ({ topic, p })))
  }
}

function recordsOf(log: MemoryLog) {
  return log.batches.flatMap((bytes) => {
    const batch = new RecordBatch(bytes)
    if (batch.isControl) return []
    return decodeRecords(batch).map(({ key, value, offset }) => ({
      record: metadataRecordCodec.decode(key, value)!,
      offset,
    }))
  })
}

export function shuffled<T>(items: readonly T[], random: SimRandom): T[] {
  const left = [...items]
  return Array.from(items, () => left.splice(random.int(left.length), 1)[0]!)
}
