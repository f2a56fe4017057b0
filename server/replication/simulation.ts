/**
 * One partition on three brokers that die, lose power, stop hearing each other and come back, with a controller that elects, while a
 * client writes with acks=all: real partitions on simulated disks, and messages that are delayed, dropped, and reordered between
 * connections. For tests; what it judges is what `problems` names. Followers ask here as fetchers do, without sessions.
 */
import type { Env } from '../env/env.ts'
import { type Machine, Simulation } from '../env/sim.ts'
import type { SimRandom } from '../env/sim_random.ts'
import { defaultLogConfig } from '../log/log_config.ts'
import { LogManager } from '../log/log_manager.ts'
import { batch, logDirConfig, NODE, TOPIC_ID } from '../log/testing.ts'
import { type ErrorName, KafkaError } from '../protocol/errors.ts'
import { batches, decodeRecords } from '../records/batch.ts'
import type { IsrChange, IsrOutcome } from './leader_state.ts'
import { Partition } from './partition.ts'

const IDS = [1, 2, 3] as const
const LAG_MS = 200
const SESSION_MS = 150

interface View {
  readonly version: number
  readonly leader: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  readonly isr: readonly number[]
  readonly brokers: ReadonlyMap<number, { readonly epoch: number; readonly fenced: boolean }>
}

interface Node {
  readonly id: number
  readonly machine: Machine
  env: Env
  manager: LogManager
  partition: Partition | undefined
  /** Counts lives. */
  life: number
  up: boolean
  view: View
  fetchId: number
  fetching: boolean
  heardMs: number
  /** It hears nobody and nobody hears it. */
  cut: boolean
  /** Exclusive: the values below were judged in this life. */
  judgedTo: number
  judgedBytes: number
  /** Its log's end when it heard that it is in sync alone; undefined while it is not. */
  aloneSince: number | undefined
}

export interface ReplicationWorldOptions {
  readonly minInsyncReplicas: number
  /** Of messages, 0 to 1. */
  readonly dropped: number
  /** May a broker lose what it has not synced? */
  readonly powerLoss: boolean
}

type Reply =
  | { error: ErrorName }
  | { diverging: { epoch: number; endOffset: number } }
  | { records: Buffer; hw: number }

export class ReplicationWorld {
  readonly problems: string[] = []
  readonly acknowledged = new Map<number, string>()
  readonly sim: Simulation
  private readonly random: SimRandom
  private readonly clock: Env['clock']
  private readonly nodes = new Map<number, Node>()
  /** By offset: what anybody was shown as committed. */
  private readonly committed: string[] = []
  private calm = false
  private produced = 0
  private epochs = 0
  // The controller's.
  private state: View = {
    version: 0,
    leader: -1,
    leaderEpoch: 0,
    partitionEpoch: 0,
    isr: [...IDS],
    brokers: new Map(),
  }

  constructor(
    seed: number,
    private readonly o: ReplicationWorldOptions,
  ) {
    this.sim = new Simulation(seed)
    this.random = this.sim.random.fork('world')
    this.clock = this.sim.machine('world').boot().clock
    for (const id of IDS) {
      const machine = this.sim.machine(`broker${id}`, { syncMs: { low: 1, high: 30 } })
      const node = {
        id,
        machine,
        life: 0,
        up: false,
        view: this.state,
        fetchId: 0,
        fetching: false,
        cut: false,
        heardMs: 0,
      }
      this.nodes.set(id, { ...node, partition: undefined, judgedTo: 0, judgedBytes: 0, aloneSince: undefined } as never)
      this.start(this.nodes.get(id)!)
    }
  }

  /** Lives for so many faults, then comes to rest and is judged. */
  async run(faults: number): Promise<void> {
    await this.sim.time.runFor(300)
    for (let i = 0; i < faults; i++) {
      this.fault()
      for (let n = 2 + this.random.int(10); n > 0; n--) {
        this.produce()
        await this.pass(this.random.next() * 30)
      }
    }
    this.calm = true
    for (const node of this.nodes.values()) {
      node.cut = false
      if (!node.up) this.start(node)
    }
    await this.comeToRest()
    const { size } = this.acknowledged
    this.produce(this.state.leader)
    await this.comeToRest()
    if (this.acknowledged.size === size) this.problem(`it takes no records: ${this.describe()}`)
    this.judgeTheEnd()
  }

  private async comeToRest(): Promise<void> {
    await this.pass(50)
    for (let i = 0; i < 100 && !this.isWhole(); i++) await this.pass(50)
    if (!this.isWhole()) this.problem(`it did not come to rest: ${this.describe()}`)
  }

  private async pass(ms: number): Promise<void> {
    await this.sim.time.runFor(ms)
    for (const node of this.nodes.values()) this.judge(node)
  }

  private problem(text: string): void {
    if (this.problems.length < 5) this.problems.push(text)
  }

  // --- faults ---

  private fault(): void {
    const node = this.nodes.get(this.random.pick(IDS))!
    const kind = this.random.int(10)
    if (!node.up) this.start(node)
    else if (kind < 3) node.cut = !node.cut
    else if (kind < 6) this.end(node, 'kill')
    else if (this.o.powerLoss && this.mayLosePower(node)) this.end(node, 'crash')
  }

  /** Two machines that fail at once lose what was acknowledged, in Kafka as here. */
  private mayLosePower(node: Node): boolean {
    const { isr } = this.state
    if (!isr.includes(node.id)) return true
    const others = isr.filter((id) => id !== node.id).map((id) => this.nodes.get(id)!)
    if (others.length > 0) return others.some((n) => n.up && !n.cut)
    return node.aloneSince !== undefined && node.partition!.log.recoveryPoint >= node.aloneSince
  }

  private end(node: Node, how: 'kill' | 'crash'): void {
    node.up = false
    node.life++
    node.partition = undefined
    node.machine[how]()
    // Of a broker that starts again its controller hears in any case.
    const { life } = node
    if (how === 'crash') this.fence(node.id)
    else this.clock.after(this.delayMs(), () => node.life === life && this.fence(node.id))
  }

  private start(node: Node): void {
    // Its registration ends what was there before.
    this.fence(node.id)
    node.life++
    node.up = true
    node.cut = false
    node.env = node.machine.boot()
    node.judgedTo = 0
    node.judgedBytes = 0
    node.fetching = false
    node.aloneSince = undefined
    node.manager = LogManager.open({ env: node.env, dir: '/data', ...NODE, nodeId: node.id, config: logDirConfig })
    const config = { ...defaultLogConfig, minInsyncReplicas: this.o.minInsyncReplicas }
    const log = node.manager.open('t', 0, { topicId: TOPIC_ID, config })
    const epoch = ++this.epochs
    this.change({ brokers: new Map([...this.state.brokers, [node.id, { epoch, fenced: true }]]) })
    node.view = this.state
    node.partition = new Partition(log, -1, node.env.clock, {
      syncAcksAll: true,
      highWatermark: node.manager.checkpointedHighWatermark('t', 0) ?? 0,
      replication: {
        nodeId: node.id,
        brokers: {
          isAlive: (id) => node.view.brokers.get(id)?.fenced === false,
          isActive: (id) => node.view.brokers.get(id)?.fenced === false,
          epochOf: (id) => node.view.brokers.get(id)?.epoch,
        },
        lagTimeMaxMs: () => LAG_MS,
        alterIsr: (change) => this.ask(node, change),
      },
    })
    this.every(node, LAG_MS / 2, () => node.partition!.checkIsr())
    this.every(node, 300, () => this.random.chance(0.5) && node.manager.checkpoint())
    void log.sync().then(() => this.every(node, 30, () => this.send(node, undefined, () => this.heardOf(node))))
    this.hear(node, this.state)
  }

  private every(node: Node, ms: number, fn: () => void): void {
    node.env.clock.after(ms, () => {
      this.every(node, ms, fn)
      fn()
    })
  }

  // --- the controller, at one place and always there ---

  private change(change: Partial<View>): void {
    this.state = { ...this.state, ...change, version: this.state.version + 1 }
    const { state } = this
    for (const node of this.nodes.values()) this.tell(node, state)
  }

  private tell(node: Node, state: View): void {
    const { life } = node
    this.clock.after(this.delayMs(), () => {
      if (node.life !== life || !node.up) return
      // It asks until it has it.
      if (node.cut) this.tell(node, state)
      else this.hear(node, state)
    })
  }

  private heardOf(node: Node): void {
    node.heardMs = this.clock.monotonic()
    this.unfence(node.id)
    this.clock.after(SESSION_MS, () => {
      if (this.clock.monotonic() - node.heardMs >= SESSION_MS) this.fence(node.id)
    })
  }

  private fence(id: number): void {
    const { brokers, isr, leader, leaderEpoch, partitionEpoch } = this.state
    const broker = brokers.get(id)
    if (!broker || broker.fenced) return
    const left = isr.filter((member) => member !== id)
    this.change({
      brokers: new Map([...brokers, [id, { ...broker, fenced: true }]]),
      isr: left.length > 0 ? left : isr,
      partitionEpoch: partitionEpoch + 1,
      ...(leader === id && {
        leader: left.find((member) => !brokers.get(member)!.fenced) ?? -1,
        leaderEpoch: leaderEpoch + 1,
      }),
    })
  }

  private unfence(id: number): void {
    const { brokers, isr, leader, leaderEpoch, partitionEpoch } = this.state
    const broker = brokers.get(id)!
    if (!broker.fenced) return
    const leads = leader < 0 && isr.includes(id)
    this.change({
      brokers: new Map([...brokers, [id, { ...broker, fenced: false }]]),
      ...(leads && { leader: id, leaderEpoch: leaderEpoch + 1, partitionEpoch: partitionEpoch + 1 }),
    })
  }

  /** Asked until it has answered, as brokers do. */
  private ask(node: Node, change: IsrChange): Promise<IsrOutcome> {
    return new Promise((resolve) => {
      const attempt = () => {
        const again = () => node.env.clock.after(50, attempt)
        this.send(
          node,
          undefined,
          () => {
            const outcome = this.alterIsr(node.id, change)
            this.send(undefined, node, () => resolve(outcome), again)
          },
          again,
        )
      }
      attempt()
    })
  }

  private alterIsr(from: number, change: IsrChange): IsrOutcome {
    const { leader, leaderEpoch, partitionEpoch, brokers } = this.state
    if (leader !== from || change.leaderEpoch !== leaderEpoch) return { error: 'FENCED_LEADER_EPOCH' }
    if (change.partitionEpoch !== partitionEpoch) return { error: 'INVALID_UPDATE_VERSION' }
    for (const { brokerId, brokerEpoch } of change.isr) {
      const broker = brokers.get(brokerId)!
      const isStale = brokerEpoch !== -1 && brokerEpoch !== broker.epoch
      if (broker.fenced || isStale) return { error: 'INELIGIBLE_REPLICA' }
    }
    this.change({ isr: change.isr.map((m) => m.brokerId), partitionEpoch: partitionEpoch + 1 })
    if (this.random.chance(0.3)) this.strikeWhileItIsNew(this.nodes.get(from)!)
    return { leaderEpoch, partitionEpoch: this.state.partitionEpoch, isr: this.state.isr }
  }

  /** The leader dies about the time when it hears that the ISR is another. */
  private strikeWhileItIsNew(leader: Node): void {
    const { life } = leader
    const afterMs = this.random.next() * 40
    for (let i = 0; i < 3; i++) this.produce(leader.id)
    this.clock.after(afterMs, () => {
      if (!this.calm && leader.life === life) this.end(leader, 'kill')
    })
  }

  // --- messages ---

  private delayMs(): number {
    return this.random.chance(0.1) ? this.random.next() * 60 : this.random.next() * 5
  }

  /** `undefined` is the controller. `lost` is called where it does not arrive. */
  private send(from: Node | undefined, to: Node | undefined, arrive: () => void, lost: () => void = () => {}): void {
    const lives = [from?.life, to?.life]
    const isLost = !this.calm && this.random.chance(this.o.dropped)
    this.clock.after(this.delayMs(), () => {
      if (lives[0] !== from?.life || lives[1] !== to?.life || to?.up === false) return
      if (isLost || from?.cut || to?.cut) lost()
      else arrive()
    })
  }

  // --- brokers ---

  private hear(node: Node, view: View): void {
    if (view.version < node.view.version) return
    node.view = view
    const partition = node.partition!
    const { leader, leaderEpoch, partitionEpoch, isr } = view
    if (leader === node.id) partition.becomeLeader({ leaderEpoch, partitionEpoch, isr, replicas: [...IDS] })
    else partition.becomeFollower({ leaderId: leader, leaderEpoch })
    partition.brokersChanged()
    const isAlone = isr.length === 1 && isr[0] === node.id
    node.aloneSince = isAlone ? (node.aloneSince ?? partition.logEndOffset) : undefined
    if (!node.fetching) this.fetch(node)
  }

  private fetch(node: Node): void {
    const { partition, view, life } = node
    if (!node.up || !partition || partition.isLeader || view.leader < 0) {
      node.fetching = false
      return
    }
    node.fetching = true
    const id = ++node.fetchId
    const isCurrent = () => node.life === life && node.fetchId === id
    const leader = this.nodes.get(view.leader)!
    const epoch = view.leaderEpoch
    const request = {
      replicaId: node.id,
      brokerEpoch: node.view.brokers.get(node.id)!.epoch,
      currentLeaderEpoch: epoch,
      fetchOffset: partition.logEndOffset,
      lastFetchedEpoch: partition.log.latestEpoch ?? -1,
      logStartOffset: partition.logStartOffset,
    }
    this.send(node, leader, () => {
      void this.serve(leader, request).then((reply) =>
        this.send(leader, node, () => {
          if (!isCurrent()) return
          this.take(node, epoch, reply)
          node.env.clock.after(
            'records' in reply && reply.records.length > 0 ? 0 : 5,
            () => isCurrent() && this.fetch(node),
          )
        }),
      )
    })
    // Over another connection: what was under way may still arrive.
    node.env.clock.after(60, () => isCurrent() && this.fetch(node))
  }

  private async serve(leader: Node, r: Parameters<Partition['followerFetches']>[0]): Promise<Reply> {
    const partition = leader.partition!
    try {
      if (!partition.isLeader) return { error: 'NOT_LEADER_OR_FOLLOWER' }
      partition.checkLeaderEpoch(r.currentLeaderEpoch)
      const diverging = partition.followerFetches(r, true)
      if (diverging) return { diverging }
      const read = await partition.end.read({ offset: r.fetchOffset, maxBytes: 300, minOneBatch: true })
      return { records: Buffer.concat(read), hw: partition.highWatermark }
    } catch (error) {
      if (error instanceof KafkaError) return { error: error.error }
      throw error
    }
  }

  private take(node: Node, leaderEpoch: number, reply: Reply): void {
    const partition = node.partition!
    try {
      if ('records' in reply) {
        const { records, hw: highWatermark } = reply
        partition.appendFromLeader({ leaderEpoch, records, highWatermark, logStartOffset: 0 })
      } else if ('diverging' in reply) {
        const own = partition.endOffsetForEpoch(reply.diverging.epoch)
        const end = own.endOffset < 0 ? reply.diverging.endOffset : Math.min(own.endOffset, reply.diverging.endOffset)
        partition.truncateTo(end)
      } else if (reply.error === 'OFFSET_OUT_OF_RANGE') {
        this.problem(`broker ${node.id} was told OFFSET_OUT_OF_RANGE: ${this.describe()}`)
      }
    } catch (error) {
      // It leads meanwhile, or follows another.
      if (!(error instanceof KafkaError)) throw error
    }
  }

  // --- the client ---

  private produce(id = this.random.chance(0.8) ? this.state.leader : this.random.pick(IDS)): void {
    const node = this.nodes.get(id)
    if (!node?.up) return
    const value = ++this.produced
    node.partition!.produce(batch(value), { acks: -1, version: 9, timeoutMs: 300 }).then(
      ({ baseOffset }) => void this.acknowledged.set(baseOffset, `v${value}`),
      (error) => {
        if (!(error instanceof KafkaError)) this.problem(`${error}`)
      },
    )
  }

  // --- judgement ---

  private judge(node: Node): void {
    const { partition } = node
    if (!node.up || !partition || partition.log.isOffline || this.problems.length > 0) return
    const { highWatermark, log } = partition
    if (highWatermark > log.logEndOffset) this.problem(`broker ${node.id}: the high watermark is beyond the log's end`)
    if (highWatermark < node.judgedTo) {
      this.problem(`broker ${node.id}: the high watermark went back from ${node.judgedTo} to ${highWatermark}`)
    }
    if (highWatermark <= node.judgedTo) return
    for (const b of batches(logFile(node).subarray(node.judgedBytes))) {
      if (b.nextOffset > highWatermark) break
      node.judgedBytes += b.sizeInBytes
      node.judgedTo = b.nextOffset
      for (const { offset, value } of decodeRecords(b)) this.judgeRecord(node.id, offset, value!.toString())
    }
  }

  private judgeRecord(id: number, offset: number, value: string): void {
    const known = this.committed[offset]
    if (known === undefined) this.committed[offset] = value
    else if (known !== value) this.problem(`broker ${id} has ${value} at ${offset}, where ${known} was committed`)
  }

  private isWhole(): boolean {
    const { isr, leader } = this.state
    const end = this.nodes.get(leader)?.partition?.logEndOffset
    return (
      isr.length === IDS.length &&
      [...this.nodes.values()].every(({ partition: p }) => p!.logEndOffset === end && p!.highWatermark === end)
    )
  }

  private judgeTheEnd(): void {
    for (const node of this.nodes.values()) this.judge(node)
    const logs = [...this.nodes.values()].map(logFile)
    for (const other of logs.slice(1)) if (!other.equals(logs[0]!)) this.problem('replicas differ in their bytes')
    for (const [offset, value] of this.acknowledged) {
      if (this.committed[offset] !== value) {
        this.problem(`${value} was acknowledged at ${offset}, where ${this.committed[offset] ?? 'nothing'} is`)
      }
    }
  }

  private describe(): string {
    const { leader, leaderEpoch, isr } = this.state
    const nodes = [...this.nodes.values()].map(
      ({ id, partition: p }) => `${id}: ${p?.highWatermark}/${p?.logEndOffset}`,
    )
    return `leader ${leader} of epoch ${leaderEpoch}, ISR ${isr}, ${nodes.join(', ')}`
  }
}

/** What is in a broker's log at this moment, read by somebody else. */
const logFile = (node: Node): Buffer => node.env.disk.readFile(`${node.partition!.log.dir}/00000000000000000000.log`)!
