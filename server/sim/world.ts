/**
 * One life of a broker from a seed. It is started again and again on one disk; each time it runs for a while under load and
 * then ends in one of these ways:
 *
 * - the machine loses its power, at any moment or in the middle of a call to the disk: what was not synced is lost, wholly or
 *   in part, the last write torn at any byte;
 * - the process is killed, which leaves what was written, synced or not;
 * - it is stopped cleanly;
 * - before one of these, calls to the disk fail: a full disk, or a device that reports errors.
 *
 * In a third of the worlds there are several log dirs, and partitions are moved between them.
 *
 * Meanwhile syncs stall, connections are reset, and the clients are cut off for a while.
 *
 * In the end there is peace: everyone finishes, and after each of several more starts, killed and crashed again, all is read.
 */
import { type Broker, startBroker } from '../broker/broker.ts'
import type { Machine } from '../env/sim.ts'
import { Simulation } from '../env/sim.ts'
import { type DiskCall, type DiskOptions, everyNth } from '../env/sim_disk.ts'
import type { SimRandom } from '../env/sim_random.ts'
import { Clients, type Topic } from './clients.ts'
import { SESSION_MS } from './consumer_member.ts'
import { COMPACTED, History } from './history.ts'
import { type Conviction, judge } from './judges.ts'
import type { Mutant } from './mutants.ts'

export interface WorldOptions {
  readonly seed: number
  /** How often the broker dies before there is peace. */
  readonly lives?: number
  readonly mutant?: Mutant
  /** Every life has these calls to the disk fail, and nothing else goes wrong until it ends. */
  readonly fault?: DiskFault
}

/** Calls of one kind, counted from 1 in each life: `count` of them from the `from`th on. */
export interface DiskFault {
  readonly kind: DiskCall
  readonly code: string
  readonly from: number
  readonly count: number
}

export interface Verdict {
  readonly seed: number
  readonly convictions: Conviction[]
  readonly history: History
  /** How often the broker ended, and how often without a clean stop. */
  readonly ends: { crash: number; kill: number; stop: number }
  /** What the broker said. */
  readonly lines: string[]
  /** Equal for two runs of the same seed. */
  readonly fingerprint: number
}

const CLIENTS = 'clients'
/** As often as can be. */
const COMPACTION = {
  'cleanup.policy': 'compact',
  'internal.segment.bytes': '5000',
  'min.cleanable.dirty.ratio': '0.1',
  'file.delete.delay.ms': '20',
}
const BROKER = { host: 'broker', port: 9092 }
const PEACE_LIMIT_MS = 40_000

export async function runWorld(options: WorldOptions): Promise<Verdict> {
  const undo = options.mutant?.install?.()
  const world = new World(options)
  const rejected = (e: unknown) => world.threw(e)
  process.on('unhandledRejection', rejected)
  try {
    return await world.live()
  } finally {
    process.off('unhandledRejection', rejected)
    undo?.()
  }
}

class World {
  private readonly sim: Simulation
  private readonly machine: Machine
  private readonly random: SimRandom
  private readonly history: History
  private readonly clients: Clients
  private readonly dirs: readonly string[]
  private readonly lines: string[] = []
  private readonly ends = { crash: 0, kill: 0, stop: 0 }
  private broker: Broker | undefined
  private life = 0
  /** How often there is a snapshot of the metadata, and how much of its log is kept behind it. */
  private readonly metadataLog: {
    readonly snapshotBytes: string
    readonly segmentMs: string
    readonly retentionBytes: string
  }

  constructor(private readonly o: WorldOptions) {
    this.sim = new Simulation(o.seed)
    this.random = this.sim.random.fork('world')
    this.machine = this.sim.machine(BROKER.host)
    const eager = this.sim.random.fork('metadata log').chance(0.3)
    this.metadataLog = {
      snapshotBytes: this.random.pick(['1500', '10000', '20971520']),
      segmentMs: eager ? '1' : '604800000',
      retentionBytes: eager ? '0' : '104857600',
    }
    this.history = new History(() => this.sim.time.elapsedMs)
    this.dirs = this.sim.random.fork('dirs').chance(0.35) ? ['/data', '/more', '/most'] : ['/data']
    this.clients = new Clients({
      topics: this.topics(),
      env: this.sim.machine(CLIENTS).boot(),
      random: this.sim.random.fork('clients'),
      history: this.history,
      bootstrap: [BROKER],
      dirs: this.dirs,
    })
  }

  async live(): Promise<Verdict> {
    this.clients.start()
    const lives = this.o.lives ?? 12
    for (let i = 0; i < lives && !this.over; i++) await (this.o.fault ? this.faultyLife(this.o.fault) : this.oneLife())
    if (!this.over) await this.peace()
    const { history, lines, ends } = this
    const convictions = judge(history.events)
    return { seed: this.o.seed, convictions, history, ends, lines, fingerprint: this.sim.time.fingerprint }
  }

  private get over(): boolean {
    return this.history.count('threw') > 0 || this.history.count('stuck') > 0
  }

  private topics(): Topic[] {
    const configs = () => ({ 'internal.segment.bytes': String(this.random.pick([1_500, 8_000, 1_000_000])) })
    return [
      { name: 'durable', partitions: this.random.between(1, 3), configs: configs() },
      { name: 'mixed', partitions: this.random.between(1, 2), configs: configs() },
      ...(this.compacts ? [{ name: COMPACTED, partitions: 1, configs: COMPACTION }] : []),
    ]
  }

  /** In every third world there is a compacted topic, and what groups write is compacted as well. */
  private get compacts(): boolean {
    return this.o.seed % 3 === 0 || this.o.mutant?.judge === 'of every key of a compacted topic the last record stays'
  }

  private async oneLife(): Promise<void> {
    const { random } = this
    const faults = random.chance(0.25) ? this.faults() : undefined
    const midCall = random.chance(0.4) ? random.int(400) : undefined
    const ms = random.chance(0.2) ? random.int(20) : random.int(400)
    const ends =
      midCall !== undefined ? (['crash', 'crash', 'kill'] as const) : (['crash', 'crash', 'kill', 'stop'] as const)
    const end = random.pick<'crash' | 'kill' | 'stop'>(ends)
    const stalls = random.chance(0.1) ? { syncMs: { low: 1, high: 300 } } : undefined
    this.boot({ ...faults, ...stalls })
    if (random.chance(0.3)) this.disturb(ms)
    if (midCall !== undefined) {
      let left = midCall
      this.machine.onDiskCall = () => {
        if (left-- === 0 && end !== 'stop') this.end(end)
      }
    }
    const { life } = this
    await this.run(() => this.sim.time.runUntil(() => this.life !== life, ms))
    if (this.life !== life) {
      // It has ended in the middle of a call.
    } else if (end === 'stop' && this.broker !== undefined) {
      await this.stopCleanly()
    } else this.end(end === 'stop' ? 'kill' : end)
    await this.run(() => this.sim.time.runFor(random.int(random.chance(0.2) ? 300 : 30)))
  }

  private async faultyLife(fault: DiskFault): Promise<void> {
    const { life, random } = this
    let n = 0
    this.boot({
      faults: ({ kind }) => {
        if (kind !== fault.kind || ++n < fault.from || n >= fault.from + fault.count) return undefined
        this.history.add({ kind: 'disk error' })
        return fault.code
      },
    })
    await this.run(() => this.sim.time.runUntil(() => this.life !== life, random.between(50, 250)))
    if (this.broker !== undefined && random.chance(0.3)) await this.stopCleanly()
    else this.end(random.pick(['crash', 'kill'] as const))
  }

  /** Trouble on the network, within the next `ms`. */
  private disturb(ms: number): void {
    const { random, sim } = this
    const later = (delayMs: number, fn: () => void) => sim.time.after(delayMs, fn, { dead: false })
    for (let i = random.between(1, 3); i > 0; i--)
      later(random.int(ms + 1), () => sim.network.reset(BROKER.host, CLIENTS))
    if (random.chance(0.3)) {
      later(random.int(ms + 1), () => {
        sim.network.cut(BROKER.host, CLIENTS)
        later(random.int(100), () => sim.network.heal(BROKER.host, CLIENTS))
      })
    }
  }

  private async peace(): Promise<void> {
    this.boot({})
    if (!(await this.reach('everyone to finish', () => this.clients.finish()))) return
    for (const [recovery, end] of (['kill', 'kill', 'crash', 'stop', 'kill'] as const).entries()) {
      if (end === 'stop') await this.stopCleanly()
      else this.end(end)
      this.boot({})
      if (!(await this.reach('all to be read', () => this.clients.takeStock(recovery)))) return
    }
    this.end('kill')
  }

  private async reach(what: string, fn: () => Promise<void>): Promise<boolean> {
    const failed = await this.run(() => this.sim.time.runUntilSettled(fn(), PEACE_LIMIT_MS).then(() => true))
    if (failed === true) return true
    if (!this.over) this.history.add({ kind: 'stuck', what: `in vain waited for ${what}` })
    return false
  }

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

  private boot(disk: Partial<DiskOptions>): void {
    this.machine.disk = { ...disk, ...this.o.mutant?.disk }
    const env = this.machine.boot()
    this.history.add({ kind: 'boot' })
    const { life } = this
    startBroker({
      env,
      nodeId: 1,
      dataDir: this.dirs,
      ...BROKER,
      settings: new Map([
        ['offsets.topic.num.partitions', '2'],
        ['offsets.topic.segment.bytes', '1048576'],
        ['log.cleaner.backoff.ms', '10'],
        ['group.initial.rebalance.delay.ms', '0'],
        ['group.min.session.timeout.ms', '1000'],
        ['group.consumer.min.session.timeout.ms', '1000'],
        ['group.consumer.session.timeout.ms', String(SESSION_MS)],
        ['group.consumer.min.heartbeat.interval.ms', '1000'],
        ['group.consumer.heartbeat.interval.ms', '1000'],
        ['group.consumer.assignment.interval.ms', '50'],
        ['metadata.log.max.record.bytes.between.snapshots', this.metadataLog.snapshotBytes],
        ['metadata.log.segment.ms', this.metadataLog.segmentMs],
        ['metadata.max.retention.bytes', this.metadataLog.retentionBytes],
      ]),
      syncAcksAll: this.o.mutant?.syncAcksAll ?? true,
      spoilBlocks: true,
      write: (line) => {
        this.lines.push(line)
        if (line.includes('unexpectedly')) this.history.add({ kind: 'threw', error: line })
      },
    }).then(
      (broker) => {
        if (this.life !== life) return
        this.broker = broker
        this.history.add({ kind: 'serving' })
      },
      (e: Error) => {
        if (this.life !== life) return
        this.history.add({ kind: 'start failed', error: e.message })
        // What it ends with is a sentence, and not a bug.
        if (!['StartError', 'LogDirError', 'DiskError', 'KafkaError'].includes(e.name)) this.threw(e)
      },
    )
  }

  private end(how: 'crash' | 'kill'): void {
    this.machine.onDiskCall = () => {}
    this.history.add({ kind: how })
    this.ends[how]++
    this.life++
    this.broker = undefined
    this.machine[how]()
  }

  private async stopCleanly(): Promise<void> {
    const errors = this.history.count('disk error')
    // A disk that fails while it stops costs the marks of a clean stop, no more.
    const stopped = this.broker!.stop().catch((e: Error) => {
      if (this.history.count('disk error') === errors && errors === 0) throw e
    })
    await this.run(() => this.sim.time.runUntilSettled(stopped, 10_000).then(() => true)).then((ended) => {
      if (ended === undefined && !this.over) this.history.add({ kind: 'stuck', what: 'it does not stop' })
    })
    this.history.add({ kind: 'stop' })
    this.ends.stop++
    this.life++
    this.broker = undefined
    this.machine.kill()
  }

  private faults(): Pick<DiskOptions, 'faults'> {
    const { random } = this
    const code = random.pick(['EIO', 'ENOSPC'])
    const kinds: DiskCall[] =
      code === 'ENOSPC'
        ? ['write', 'mkdir', 'open']
        : random.pick<DiskCall[]>([['sync'], ['write', 'sync'], ['read'], ['rename', 'syncDirectory', 'truncate']])
    const fails = everyNth(random.between(2, 120), code, kinds)
    return {
      faults: (call) => {
        const failure = fails(call)
        if (failure !== undefined) this.history.add({ kind: 'disk error' })
        return failure
      },
    }
  }
}
