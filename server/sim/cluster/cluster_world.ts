/**
 * One life of a cluster from a seed: a controller and three brokers, each on a machine of its own, under clients that write with
 * acks=all at factor 3 and min.insync.replicas 2. Meanwhile, at random:
 *
 * - a broker, the controller, or all of them are killed, and come back after a while;
 * - a broker's machine loses its power (one, until all replicas are in sync again: of more Kafka promises nothing; nor after all were killed);
 * - a broker is stopped cleanly;
 * - a broker or the controller stands still, for longer than its session or not;
 * - machines are cut off from each other, one way or both, in any combination, and connections are reset;
 * - a broker gets an empty disk in the place of its own (while all replicas are in sync, and until they are again);
 * - disks are slow, full, or fail for a while (as power is lost: one at a time);
 * - partitions lose a replica, get it back, and are led by another (reassignments, and preferred leaders elected).
 *
 * Half of the worlds have more in them: topics of which the beginning goes by retention, one that is compacted, some with unclean elections,
 * brokers with two log dirs between which partitions move, several fetchers a leader.
 *
 * In the end there is peace: everyone finishes, all replicas come into sync and are compared, everything is killed once more and read.
 */
import { type Broker, startBroker } from '../../broker/broker.ts'
import { type ControllerNode, startController } from '../../controller/controller.ts'
import { type Machine, Simulation } from '../../env/sim.ts'
import type { SimRandom } from '../../env/sim_random.ts'
import { crc32c } from '../../lib/crc32c.ts'
import { isInternalTopic } from '../../metadata/internal_topics.ts'
import { KafkaError } from '../../protocol/errors.ts'
import type { Partition } from '../../replication/partition.ts'
import { Clients, type Topic } from '../clients.ts'
import { COMPACTED, History } from '../history.ts'
import type { Conviction } from '../judges.ts'
import { type ClusterMutant, judgeCluster } from './cluster_judges.ts'
import { brokerSettings, controllerSettings } from './cluster_settings.ts'
import { failDisk, fullDisk, type Stage, slowDisk } from './disk_troubles.ts'
import { replicaBytes } from './replica_bytes.ts'
import { SupervisorMemory } from './supervisor_memory.ts'
import { UNCLEAN, UncleanTopics } from './unclean_topic.ts'

export interface ClusterOptions {
  readonly seed: number
  /** How many things go wrong before there is peace. */
  readonly faults?: number
  readonly mutant?: ClusterMutant
}

export interface ClusterVerdict {
  readonly seed: number
  readonly convictions: Conviction[]
  readonly history: History
  /** How often what went wrong, by its name. */
  readonly faults: ReadonlyMap<string, number>
  readonly lines: string[]
  readonly fingerprint: number
}

const CLIENTS = 'clients'
const CONTROLLER = { id: 3000, host: 'controller', port: 9093 }
const IDS = [1, 2, 3] as const
const PORT = 9092
const PEACE_LIMIT_MS = 120_000
const COMPACT = {
  'min.insync.replicas': '2',
  'cleanup.policy': 'compact',
  'internal.segment.bytes': '5000',
  'min.cleanable.dirty.ratio': '0.1',
  'file.delete.delay.ms': '20',
}
/** What a full disk refuses. */
const hostOf = (id: number) => `broker${id}`

export async function runCluster(options: ClusterOptions): Promise<ClusterVerdict> {
  const undo = options.mutant?.install()
  const world = new ClusterWorld(options)
  const rejected = (e: unknown) => world.threw(e)
  process.on('unhandledRejection', rejected)
  try {
    return await world.live()
  } finally {
    process.off('unhandledRejection', rejected)
    undo?.()
  }
}

class ClusterWorld {
  private readonly sim: Simulation
  private readonly random: SimRandom
  private readonly history: History
  private readonly clients: Clients
  private readonly topics: readonly Topic[]
  private readonly brokers = new Map<number, Broker>()
  private controller: ControllerNode | undefined
  /** Counts the starts of each node: what an earlier one says is of no interest. */
  private readonly lives = new Map<number, number>()
  private readonly lines: string[] = []
  private readonly faults = new Map<string, number>()
  private peaceful = false
  /** How many are in force. */
  private cuts = 0
  private readonly paused = new Set<number>()
  private replicasSeen = 0
  /** The richer kind of world. */
  private readonly rich: boolean
  private readonly dirs: readonly string[]
  private unclean: UncleanTopics | undefined
  /** Something has failed on their disks. */
  private readonly failing = new Set<number>()
  private readonly stage: Stage
  private readonly supervisors = new SupervisorMemory()
  /** A broker has lost its disk: nothing else may go wrong before all are in sync again. */
  private fragile = false
  /** A machine has lost its power, or might have as far as anybody knows: what it had not synced is still to be copied from the others. */
  private atRisk = false
  private readonly seen = new WeakMap<Partition, { replica: number; epoch: number; highWatermark: number }>()

  constructor(private readonly o: ClusterOptions) {
    this.sim = new Simulation(o.seed)
    this.random = this.sim.random.fork('cluster')
    this.stage = { random: this.random, later: (ms, fn) => this.later(ms, fn) }
    this.history = new History(() => this.sim.time.elapsedMs)
    const more = this.sim.random.fork('more')
    this.rich = this.o.mutant === undefined && more.chance(0.5)
    this.dirs = this.rich && more.chance(0.5) ? ['/data', '/more'] : ['/data']
    const configs = () => ({
      'min.insync.replicas': '2',
      'internal.segment.bytes': String(this.random.pick([1_500, 8_000, 1_000_000])),
      'file.delete.delay.ms': '50',
      ...(this.rich && more.chance(0.5) && { 'retention.bytes': String(more.pick([3_000, 30_000])) }),
    })
    this.topics = [
      { name: 'durable', partitions: this.random.between(1, 3), configs: configs() },
      { name: 'durable-too', partitions: 1, configs: configs() },
      ...(this.rich && more.chance(0.4) ? [{ name: COMPACTED, partitions: 1, configs: COMPACT }] : []),
    ]
    this.clients = new Clients({
      topics: this.topics,
      env: this.sim.machine(CLIENTS).boot(),
      random: this.sim.random.fork('clients'),
      history: this.history,
      bootstrap: IDS.map((id) => ({ host: hostOf(id), port: PORT })),
      replicationFactor: 3,
      dirs: this.dirs,
    })
  }

  async live(): Promise<ClusterVerdict> {
    this.bootController()
    for (const id of IDS) this.boot(id)
    this.clients.start()
    if (this.rich) {
      const { clock } = this.sim.machine(CLIENTS).boot()
      this.unclean = new UncleanTopics(this.clients.client, clock, this.sim.random.fork('unclean'))
    }
    await this.run(() => this.sim.time.runUntil(() => this.brokers.size === IDS.length, 20_000))
    for (let i = 0; i < (this.o.faults ?? 12) && !this.over; i++) {
      await this.run(() => this.sim.time.runFor(this.random.int(this.random.chance(0.3) ? 50 : 1_500)))
      this.somethingGoesWrong()
    }
    if (!this.over) await this.peace()
    const { history, lines, faults } = this
    const fingerprint = this.sim.time.fingerprint
    return { seed: this.o.seed, convictions: judgeCluster(history.events), history, faults, lines, fingerprint }
  }

  private get over(): boolean {
    return this.history.count('threw') > 0 || this.history.count('stuck') > 0
  }

  private machine(id: number): Machine {
    return this.sim.machine(id === CONTROLLER.id ? CONTROLLER.host : hostOf(id))
  }

  // --- what goes wrong ---

  private somethingGoesWrong(): void {
    const { random } = this
    this.fragile &&= !this.isWhole
    this.atRisk &&= !this.isWhole
    if (this.fragile) return
    const id = random.pick(IDS)
    const kinds: [string, number, () => void][] = [
      ['kill', 5, () => this.kill(id)],
      ['power', 2, () => this.losePower(id)],
      ['stop', 2, () => this.stop(id)],
      ['controller', 2, () => this.kill(CONTROLLER.id)],
      ['all', 1, () => this.killAll()],
      ['cut', 5, () => this.cut()],
      ['reset', 2, () => this.reset()],
      ['slow disk', 1, () => slowDisk(this.machine(id), this.stage)],
      ['move', 3, () => this.move()],
    ]
    // Mutants are convicted sooner without.
    if (this.o.mutant === undefined) {
      kinds.push(
        ['pause', 4, () => this.pause(random.pick([CONTROLLER.id, ...IDS]))],
        ['full disk', 2, () => fullDisk(this.machine(id), this.stage)],
        ['failing disk', 1, () => this.failDisk(id)],
        ['new disk', this.rich ? 2 : 0, () => this.newDisk(id)],
      )
    }
    let n = random.int(kinds.reduce((sum, [, weight]) => sum + weight, 0))
    const [name, , happen] = kinds.find(([, weight]) => (n -= weight) < 0)!
    this.faults.set(name, (this.faults.get(name) ?? 0) + 1)
    happen()
  }

  private kill(id: number): void {
    this.history.add({ kind: 'kill' })
    this.startAgain(id)
  }

  /** Their supervisors as well, so that nobody can tell it from a loss of power. */
  private killAll(): void {
    if (this.atRisk) return
    this.atRisk = true
    for (const id of IDS) this.supervisors.endOf(id)
    for (const id of [CONTROLLER.id, ...IDS]) this.kill(id)
  }

  private losePower(id: number): void {
    if (this.atRisk) return
    this.atRisk = true
    this.history.add({ kind: 'crash' })
    this.gone(id)
    this.supervisors.endOf(id)
    // Its system may come back before anybody misses it.
    if (this.random.chance(0.5)) this.machine(id).crash()
    else this.machine(id).losePower()
    this.comeBack(id)
  }

  private newDisk(id: number): void {
    if (!this.isWhole || this.paused.size > 0 || this.cuts > 0) return
    this.fragile = true
    // What it had told its supervisor stays, and must not count.
    this.history.add({ kind: 'kill' })
    this.gone(id)
    this.machine(id).kill()
    this.machine(id).replaceDisk()
    this.comeBack(id)
  }

  private get isWhole(): boolean {
    return this.controller !== undefined && this.allInSync && this.brokers.size === IDS.length
  }

  private stop(id: number): void {
    const broker = this.brokers.get(id)
    if (broker === undefined || this.paused.has(id)) return
    const life = this.lives.get(id)
    this.brokers.delete(id)
    const ended = () => {
      if (this.lives.get(id) !== life) return
      this.history.add({ kind: 'stop' })
      this.gone(id)
      this.machine(id).kill()
      this.comeBack(id)
    }
    broker.stop().then(ended, (e) => {
      if (this.failing.has(id)) ended()
      else if (this.lives.get(id) === life) this.threw(e)
    })
  }

  private gone(id: number): void {
    this.paused.delete(id)
    this.lives.set(id, (this.lives.get(id) ?? 0) + 1)
    if (id === CONTROLLER.id) this.controller = undefined
    else this.brokers.delete(id)
  }

  private comeBack(id: number): void {
    const life = this.lives.get(id)
    const delayMs = this.random.int(this.random.chance(0.3) ? 4_000 : 300)
    this.later(delayMs, () => {
      if (this.lives.get(id) === life) this.start(id)
    })
  }

  private start(id: number): void {
    if (id === CONTROLLER.id) this.bootController()
    else this.boot(id)
  }

  private cut(): void {
    const { random, sim } = this
    const hosts = [CONTROLLER.host, ...IDS.map(hostOf)]
    const one = random.pick(hosts)
    const others = random.chance(0.4) ? hosts.filter((h) => h !== one) : [random.pick(hosts.filter((h) => h !== one))]
    if (random.chance(0.2)) others.push(CLIENTS)
    const oneWay = random.chance(0.3)
    for (const other of others) {
      if (!oneWay) sim.network.cut(one, other)
      else if (random.chance(0.5)) sim.network.cutOneWay(one, other)
      else sim.network.cutOneWay(other, one)
    }
    this.cuts++
    this.later(random.int(random.chance(0.3) ? 6_000 : 800), () => {
      this.cuts--
      for (const other of others) sim.network.heal(one, other)
    })
  }

  private reset(): void {
    const hosts = [CONTROLLER.host, CLIENTS, ...IDS.map(hostOf)]
    this.sim.network.reset(this.random.pick(hosts), this.random.pick(hosts))
  }

  private pause(id: number): void {
    const machine = this.machine(id)
    machine.pause()
    this.paused.add(id)
    this.later(this.random.int(this.random.chance(0.5) ? 4_000 : 1_000), () => this.resume(id))
  }

  private resume(id: number): void {
    this.paused.delete(id)
    this.machine(id).resume()
  }

  /** What it had not synced may be gone, which it knows; so it is as if the power went. */
  private failDisk(id: number): void {
    if (this.atRisk) return
    this.atRisk = true
    this.history.add({ kind: 'disk error' })
    this.failing.add(id)
    failDisk(this.machine(id), this.dirs, this.stage)
  }

  /** Two or all three, in any order. */
  private move(): void {
    const { random } = this
    const { name, partitions } = random.pick(this.topics)
    const replicas = [...IDS].sort(() => random.next() - 0.5).slice(0, random.between(2, 3))
    void this.reassign([{ topic: name, partition: random.int(partitions), replicas }]).catch((e) => this.threw(e))
  }

  /** Whether all of it was taken: nobody may be there who could decide. */
  private async reassign(moves: readonly { topic: string; partition: number; replicas: number[] }[]): Promise<boolean> {
    try {
      const answers = await this.clients.client.admin.alterPartitionReassignments(moves)
      return answers.every(({ error }) => error === null)
    } catch (e) {
      if (!(e instanceof KafkaError)) throw e
      return false
    }
  }

  private later(ms: number, fn: () => void): void {
    this.sim.time.after(ms, fn, { dead: false })
  }

  // --- peace ---

  private async peace(): Promise<void> {
    this.peaceful = true
    const { network } = this.sim
    const hosts = [CONTROLLER.host, CLIENTS, ...IDS.map(hostOf)]
    for (const a of hosts) for (const b of hosts) if (a !== b) network.heal(a, b)
    for (const id of [CONTROLLER.id, ...IDS]) this.resume(id)
    for (const id of IDS) this.machine(id).changeDisk({})
    for (const id of this.failing) this.kill(id)
    if (!(await this.reach('all brokers to run', () => this.until(() => this.brokers.size === IDS.length)))) return
    if (!(await this.reach('all partitions to have all their replicas', () => this.placeAll()))) return
    if (!(await this.reach('everyone to finish', () => this.clients.finish()))) return
    if (!(await this.reach('the unclean topics to be left alone', async () => this.unclean?.finish()))) return
    for (const recovery of [0, 1, 2]) {
      if (!(await this.reach('all replicas to be in sync', () => this.until(() => this.allInSync && this.caughtUp))))
        return
      if (!(await this.reach('all to be read', () => this.clients.takeStock(recovery)))) return
      this.compareReplicas()
      for (const id of IDS) this.supervisors.endOf(id)
      for (const id of [CONTROLLER.id, ...IDS]) {
        this.gone(id)
        this.machine(id).kill()
        if (recovery < 2) this.start(id)
      }
      if (recovery < 2) {
        const up = () => this.until(() => this.brokers.size === IDS.length)
        if (!(await this.reach('all brokers to run again', up))) return
      }
    }
  }

  private async placeAll(): Promise<void> {
    const all = this.topics.flatMap(({ name, partitions }) =>
      Array.from({ length: partitions }, (_, partition) => ({ topic: name, partition, replicas: [...IDS] })),
    )
    const placed = () =>
      all.every(({ topic, partition }) => {
        const p = this.controller && this.image.partition(topic, partition)
        return p && p.replicas.length === IDS.length && p.addingReplicas.length + p.removingReplicas.length === 0
      })
    // A move that was asked for before the peace may be heard of by the controller only now.
    const isMoving = () =>
      all.some(({ topic, partition: index }) => {
        const p = this.controller && this.image.partition(topic, index)
        return p && p.addingReplicas.length + p.removingReplicas.length > 0
      })
    for (;;) {
      if (!(await this.reassign(all))) await this.aMoment()
      await this.until(() => placed() || !isMoving())
      if (placed()) return
      await this.aMoment()
    }
  }

  private async until(holds: () => boolean): Promise<void> {
    while (!holds()) await this.aMoment()
  }

  private aMoment(): Promise<void> {
    return new Promise((resolve) => this.later(20, resolve))
  }

  private async reach(what: string, fn: () => Promise<void>): Promise<boolean> {
    const reached = await this.run(() => this.sim.time.runUntilSettled(fn(), PEACE_LIMIT_MS).then(() => true))
    if (reached === true) return true
    if (!this.over) this.history.add({ kind: 'stuck', what: `in vain waited for ${what}: ${this.state()}` })
    return false
  }

  private get image() {
    return this.controller!.controller.image
  }

  private get allInSync(): boolean {
    if (this.controller === undefined) return false
    return [...this.image.topics.values()].every((t) =>
      t.partitions.every((p) => p.isr.length === p.replicas.length && p.leader >= 0),
    )
  }

  /** Every broker has heard of everything, and every follower has what its leader has. */
  private get caughtUp(): boolean {
    const { image } = this
    const brokers = [...this.brokers.values()]
    if (!brokers.every((b) => b.controller.image.nextOffset === image.nextOffset)) return false
    return this.replicas().every(({ of }) => {
      const leader = of.find(({ partition }) => partition.isLeader)?.partition
      return (
        leader !== undefined &&
        leader.highWatermark === leader.logEndOffset &&
        of.every(
          ({ partition: p }) => p.logEndOffset === leader.logEndOffset && p.highWatermark === leader.highWatermark,
        )
      )
    })
  }

  private replicas() {
    const byPartition = new Map<string, { at: string; of: { node: number; partition: Partition }[] }>()
    for (const [node, broker] of this.brokers) {
      for (const { topic, index, partition } of broker.partitions.all()) {
        const at = `${topic}/${index}`
        if (partition === undefined) continue
        const one = byPartition.get(at) ?? { at, of: [] }
        one.of.push({ node, partition })
        byPartition.set(at, one)
      }
    }
    return [...byPartition.values()]
  }

  /** From the largest log start of all: a follower may keep a little more at its beginning. */
  private compareReplicas(): void {
    for (const { at, of } of this.replicas()) {
      // Each replica compacts in its own time.
      if (isInternalTopic(at.split('/')[0]!) || at.startsWith(COMPACTED)) continue
      const logStart = Math.max(...of.map(({ partition }) => partition.logStartOffset))
      for (const { node, partition } of of) {
        const { highWatermark } = partition
        const checksum = crc32c(replicaBytes(partition, logStart))
        this.history.add({ kind: 'replica', at, node, logStart, highWatermark, checksum })
      }
    }
  }

  private state(): string {
    const running = [...this.brokers.keys()].join(',')
    if (this.controller === undefined) return `brokers ${running} run, the controller does not`
    const { image } = this
    const heard = [...this.brokers].map(([id, b]) => `${id} to ${b.controller.image.nextOffset}`).join(', ')
    const replicas = this.replicas().map(({ at, of }) => {
      const [topic, index] = at.split('/') as [string, string]
      const p = image.partition(topic, Number(index))
      const each = of.map(
        ({ node, partition: q }) =>
          `${node}${q.isLeader ? ' leads' : ''} epoch ${q.leaderEpoch} end ${q.logEndOffset} hw ${q.highWatermark}`,
      )
      return `${at} led by ${p?.leader} in epoch ${p?.leaderEpoch}, in sync ${p?.isr} (${each.join('; ')})`
    })
    return `brokers ${running} run, metadata to ${image.nextOffset}, heard ${heard}\n    ${replicas.join('\n    ')}`
  }

  // --- starting ---

  /** Errors that nobody in the simulated world has caught end up here. */
  private async run<T>(fn: () => Promise<T>): Promise<T | undefined> {
    try {
      return await fn()
    } catch (e) {
      if (!(e as Error).message.startsWith('the simulation stopped')) this.threw(e)
      return undefined
    }
  }

  threw(e: unknown): void {
    this.history.add({ kind: 'threw', error: (e as Error).stack ?? String(e) })
  }

  private write(line: string): void {
    this.lines.push(`${this.sim.time.elapsedMs.toFixed(0)} ${line}`)
    if (line.includes('unexpectedly')) this.history.add({ kind: 'threw', error: line })
  }

  private startFailed(id: number, life: number | undefined, e: Error): void {
    if (this.lives.get(id) !== life) return
    this.history.add({ kind: 'start failed', error: e.message })
    if (!['StartError', 'LogDirError', 'DiskError', 'KafkaError'].includes(e.name)) this.threw(e)
    this.startAgain(id)
  }

  /** As its supervisor would. */
  private startAgain(id: number): void {
    this.gone(id)
    this.machine(id).kill()
    this.comeBack(id)
  }

  private bootController(): void {
    const life = this.lives.get(CONTROLLER.id)
    startController({
      env: this.machine(CONTROLLER.id).boot(),
      nodeId: CONTROLLER.id,
      dataDir: '/controller',
      host: CONTROLLER.host,
      port: CONTROLLER.port,
      settings: controllerSettings(this.o.seed),
      spoilBlocks: true,
      write: (line) => this.write(line),
    }).then(
      (controller) => {
        if (this.lives.get(CONTROLLER.id) === life) this.controller = controller
      },
      (e: Error) => this.startFailed(CONTROLLER.id, life, e),
    )
  }

  private boot(id: number): void {
    const life = this.lives.get(id)
    this.history.add({ kind: 'boot' })
    startBroker({
      env: this.machine(id).boot(),
      nodeId: id,
      dataDir: this.dirs,
      host: hostOf(id),
      port: PORT,
      settings: brokerSettings(CONTROLLER, this.rich),
      syncAcksAll: true,
      spoilBlocks: true,
      write: (line) => this.write(line),
      lifeBefore: this.supervisors.of(id),
      onLife: (told) => {
        if (this.lives.get(id) === life) this.supervisors.tell(id, told)
      },
      onDown: () => {
        if (this.lives.get(id) === life) this.startAgain(id)
      },
    }).then(
      (broker) => {
        if (this.lives.get(id) !== life) return
        this.brokers.set(id, broker)
        this.history.add({ kind: 'serving' })
        this.watch(id, broker, life)
      },
      (e: Error) => this.startFailed(id, life, e),
    )
  }

  /** Looks now and then how its replicas stand, and which partitions it leads. */
  private watch(node: number, broker: Broker, life: number | undefined): void {
    if (this.lives.get(node) !== life || this.brokers.get(node) !== broker) return
    for (const { topic, index, partition } of broker.partitions.all()) {
      if (partition === undefined) continue
      const at = `${topic}/${index}`
      let seen = this.seen.get(partition)
      const { highWatermark } = partition
      // One that neither leads nor follows at the moment has none.
      const epoch = partition.leaderEpoch === -1 ? (seen?.epoch ?? -1) : partition.leaderEpoch
      if (partition.isLeader) this.history.add({ kind: 'leads', at, node, epoch })
      if ((seen?.epoch === epoch && seen.highWatermark === highWatermark) || topic.startsWith(UNCLEAN)) continue
      seen = { replica: seen?.replica ?? ++this.replicasSeen, epoch, highWatermark }
      this.seen.set(partition, seen)
      this.history.add({ kind: 'stands', at, node, ...seen })
    }
    this.later(this.peaceful ? 500 : 40, () => this.watch(node, broker, life))
  }
}
