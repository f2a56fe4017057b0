/** A broker as the controller sees it: registration, heartbeats, ISR proposals; and what befalls it. */
import type { SimRandom } from '../../env/sim_random.ts'
import { errorCode } from '../../protocol/errors.ts'
import { AlterPartition } from '../../protocol/messages/56_alter_partition.ts'
import { AssignReplicasToDirs } from '../../protocol/messages/73_assign_replicas_to_dirs.ts'
import { LOST } from '../directory_id.ts'
import type { PartitionImage, TopicImage } from '../image.ts'
import { fromWire, registration, testUuid } from '../testing.ts'
import { shuffled, type World } from './world.ts'

const HEARTBEAT_MS = 2_000

export class SimBroker {
  isRunning = false
  lastBeatMs = 0
  /** Since when the controller lets it serve; kept by who judges. */
  servedSinceMs: number | undefined
  private readonly random: SimRandom
  private readonly rack: string | null
  private readonly directories: readonly string[]
  private failed: string[] = []
  private incarnationId = ''
  private epoch = -1
  /** Of the last life, if it ended clean. */
  private cleanEpoch = -1
  private wantsToStop = false
  private stalledUntilMs = 0
  private nextBeatMs = 0

  constructor(
    private readonly world: World,
    readonly id: number,
    racks: readonly (string | null)[],
  ) {
    this.random = world.random.fork(`broker ${id}`)
    this.rack = racks[id % racks.length]!
    this.directories = [testUuid(id), testUuid(100 + id)].slice(0, this.random.between(1, 2))
  }

  /** In its own eyes. */
  get isServing(): boolean {
    const known = this.world.controller.image.brokers.get(this.id)
    return this.isUp && known?.brokerEpoch === this.epoch && !known.fenced
  }

  private get isUp(): boolean {
    return this.isRunning && this.world.time.elapsedMs >= this.stalledUntilMs
  }

  start(): void {
    if (this.isRunning) return
    this.isRunning = true
    this.wantsToStop = false
    this.incarnationId = this.random.uuid()
    this.epoch = -1
    this.failed = []
    if (this.cleanEpoch < 0) this.world.diedUnclean(this.incarnationId)
    this.nextBeatMs = 0
    this.beat()
  }

  /** All at once, `noticed` by the end of its connection or only by its silence. */
  kill(noticed: boolean): void {
    if (!this.isRunning) return
    this.isRunning = false
    this.cleanEpoch = -1
    if (noticed) void this.world.ask(this.world.controller.brokerLost(this.id, this.epoch))
  }

  stop(): void {
    this.wantsToStop = true
    this.nextBeatMs = 0
  }

  stall(ms: number): void {
    this.stalledUntilMs = this.world.time.elapsedMs + ms
  }

  loseDirectory(): void {
    if (this.isRunning) this.failed = [this.random.pick(this.directories)]
  }

  forget(): void {
    this.cleanEpoch = -1
  }

  /** Its faults are over. */
  repair(): void {
    this.stalledUntilMs = 0
    if (this.failed.length > 0 || this.wantsToStop) this.kill(true)
    this.start()
  }

  /** Registers, or sends a heartbeat if one is due. */
  beat(): void {
    const { world } = this
    if (!this.isUp || world.time.elapsedMs < this.nextBeatMs) return
    this.nextBeatMs = world.time.elapsedMs + (this.wantsToStop || this.epoch < 0 ? 200 : HEARTBEAT_MS)
    if (this.epoch < 0) void this.register()
    else void this.heartbeat()
  }

  private async register(): Promise<void> {
    const { world, incarnationId } = this
    const reply = await world.ask(
      world.controller.registerBroker(
        registration(this.id, {
          incarnationId,
          rack: this.rack,
          logDirs: [...this.directories],
          previousBrokerEpoch: this.cleanEpoch,
        }),
      ),
    )
    if (reply === undefined || this.incarnationId !== incarnationId) return
    this.epoch = reply.brokerEpoch
    this.nextBeatMs = 0
  }

  private async heartbeat(): Promise<void> {
    const { world, incarnationId, epoch } = this
    const { image } = world.controller
    this.lastBeatMs = world.time.elapsedMs
    const reply = await world.ask(
      world.controller.brokerHeartbeat({
        brokerId: this.id,
        brokerEpoch: epoch,
        currentMetadataOffset: image.nextOffset - 1,
        wantFence: !world.peace && this.random.chance(0.01),
        wantShutDown: this.wantsToStop,
        offlineLogDirs: this.failed,
        cordonedLogDirs: null,
      }),
    )
    if (reply === undefined || this.incarnationId !== incarnationId || !this.isRunning) return
    if (!reply.shouldShutDown) return
    world.counts.stops++
    this.isRunning = false
    this.cleanEpoch = epoch
    const led = world.partitions(world.controller.image).filter(({ p }) => p.leader === this.id)
    const isAlone = world.controller.image.brokers.size === 1
    const sameLife = world.controller.image.brokers.get(this.id)?.brokerEpoch === epoch
    if (led.length > 0 && !isAlone && sameLife) world.judges.convict(`broker ${this.id} may stop while it leads`)
  }

  /** What it believes is in sync: itself and some others, now and then of lives or epochs that have passed. */
  propose(topic: TopicImage, p: PartitionImage): void {
    const others = p.replicas.filter((id) => id !== this.id && this.world.controller.image.brokers.has(id))
    const isr = [this.id, ...shuffled(others, this.random).slice(0, this.random.between(0, others.length))]
    const delayMs = this.random.chance(0.2) ? this.random.int(3_000) : 0
    const asked = this.proposal(topic, p, this.random.chance(0.95) ? isr : isr.slice(1))
    this.world.clock.after(delayMs, () => void this.send(asked))
  }

  /** Everyone who serves is in sync. */
  proposeAll(topic: TopicImage, p: PartitionImage): void {
    const isr = p.replicas.filter((id) => this.world.controller.image.isOnline(p, id))
    if (isr.length !== p.isr.length || p.leaderRecoveryState !== 0) void this.send(this.proposal(topic, p, isr))
  }

  private proposal({ topicId }: TopicImage, p: PartitionImage, isr: readonly number[]) {
    const { brokers } = this.world.controller.image
    const withEpochs = this.random.chance(0.9)
    const members = isr.map((brokerId) => ({ brokerId, brokerEpoch: brokers.get(brokerId)?.brokerEpoch ?? -1 }))
    const partition = {
      partitionIndex: p.partitionId,
      leaderEpoch: p.leaderEpoch,
      partitionEpoch: p.partitionEpoch,
      leaderRecoveryState: 0,
      ...(withEpochs ? { newIsrWithEpochs: members } : { newIsr: [...isr] }),
    }
    const request = { brokerId: this.id, brokerEpoch: this.epoch, topics: [{ topicId, partitions: [partition] }] }
    const version = withEpochs ? 3 : 2
    return { request: fromWire(AlterPartition, version, request), seen: p, isr, members: withEpochs ? members : [] }
  }

  private async send({ request, seen, isr, members }: ReturnType<SimBroker['proposal']>): Promise<void> {
    const { world } = this
    const { topicId, partitions } = request.topics[0]!
    world.judges.proposed(topicId, seen, isr)
    const decided = world.decided(topicId, partitions[0]!.partitionIndex)
    const lives = members.map(({ brokerId }) => world.decidedEpoch(brokerId))
    const reply = await world.ask(world.controller.alterPartition(request))
    const result = reply?.topics[0]?.partitions[0]
    const taken: number[] = [errorCode.NONE, errorCode.NEW_LEADER_ELECTED]
    if (result === undefined || !taken.includes(result.errorCode)) return
    world.counts.proposals++
    if (decided?.partitionEpoch !== seen.partitionEpoch || decided.leader !== this.id) {
      world.judges.convict(`a proposal for another state was taken: ${JSON.stringify([seen, decided])}`)
    }
    if (members.some((m, i) => m.brokerEpoch !== lives[i])) {
      world.judges.convict('a life that is over was taken for in sync')
    }
  }

  /** It tells where some replica is, now and then in a directory that is gone. */
  tellDirectory(): void {
    const mine = this.world.partitions(this.world.controller.image).filter(({ p }) => p.replicas.includes(this.id))
    if (!this.isServing || mine.length === 0) return
    const { topic, p } = this.random.pick(mine)
    this.tell(topic, p, this.random.chance(0.3) ? LOST : this.random.pick(this.directories))
  }

  /** In a good one, where the controller takes it for lost. */
  tellFound(topic: TopicImage, p: PartitionImage): void {
    if (p.directories[p.replicas.indexOf(this.id)] === LOST) this.tell(topic, p, this.directories[0]!)
  }

  private tell({ topicId }: TopicImage, { partitionId }: PartitionImage, id: string): void {
    const topics = [{ topicId, partitions: [{ partitionIndex: partitionId }] }]
    const request = { brokerId: this.id, brokerEpoch: this.epoch, directories: [{ id, topics }] }
    void this.world.ask(this.world.controller.assignReplicasToDirs(fromWire(AssignReplicasToDirs, 0, request)))
  }
}
