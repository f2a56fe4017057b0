/**
 * All that this broker follows: which fetcher has which partition. There are `num.replica.fetchers` for each leader, and a partition
 * always has the same of them; those without partitions end.
 */
import type { Address } from '../../client/connection.ts'
import type { Env } from '../../env/env.ts'
import type { BlockPool } from '../../lib/block_pool.ts'
import { Followed, type ToFollow } from './followed.ts'
import { type FetcherConfig, LeaderFetcher, type ReplicationThrottle } from './leader_fetcher.ts'

export interface ReplicaFetchersOptions {
  readonly env: Env
  readonly nodeId: number
  /** Of the present registration; undefined while there is none: nothing is fetched then. */
  readonly brokerEpoch: () => number | undefined
  readonly addressOf: (nodeId: number) => Address | undefined
  readonly config: () => FetcherConfig & { readonly 'num.replica.fetchers': number }
  readonly throttle: ReplicationThrottle
  readonly blocks: BlockPool
  readonly warn: (line: string) => void
}

export class ReplicaFetchers {
  /** By name. */
  private readonly all = new Map<string, Followed>()
  /** By leader. */
  private readonly fetchers = new Map<number, LeaderFetcher[]>()
  /** Names of those that are held. */
  private readonly held = new Set<string>()
  private each: number
  private stopped = false

  constructor(private readonly o: ReplicaFetchersOptions) {
    this.each = o.config()['num.replica.fetchers']
  }

  /** From now on it is fetched from that leader in that epoch. Does nothing where it is already. */
  follow(f: ToFollow): void {
    if (this.stopped) return
    const present = this.all.get(nameOf(f))
    if (present && isSame(present, f)) return
    this.unfollow(f.topic, f.index)
    const followed = new Followed(f)
    const { replica } = f
    // Without epochs nobody can say where its log parts from the leader's: what is not committed goes, as in Kafka.
    if (replica.log.latestEpoch === undefined && replica.logEndOffset > replica.highWatermark) {
      try {
        replica.truncateTo(replica.highWatermark)
      } catch (error) {
        this.o.warn(`${nameOf(f)} is not followed, its log cannot be cut: ${(error as Error).message}`)
        return
      }
    }
    followed.held = this.held.has(nameOf(f))
    this.all.set(nameOf(f), followed)
    this.fetcherOf(followed).add(followed)
  }

  /** Nothing more is appended to it. */
  unfollow(topic: string, index: number): void {
    const name = `${topic}-${index}`
    const f = this.all.get(name)
    if (!f) return
    this.all.delete(name)
    f.over = true
    this.fetcherOf(f).remove(f)
  }

  /** Until `release` nothing is appended to it, and nothing cut. */
  hold(topic: string, index: number): void {
    this.setHeld(`${topic}-${index}`, true)
  }
  release(topic: string, index: number): void {
    this.setHeld(`${topic}-${index}`, false)
  }

  private setHeld(name: string, held: boolean): void {
    if (held) this.held.add(name)
    else this.held.delete(name)
    const f = this.all.get(name)
    if (f) f.held = held
  }

  /** A broker has been let in, or listens somewhere else. */
  leaderChanged(nodeId: number): void {
    for (const fetcher of this.fetchers.get(nodeId) ?? []) fetcher?.leaderChanged()
  }

  /** This broker has registered: what it follows may be fetched. */
  registered(): void {
    for (const leaderId of this.fetchers.keys()) this.leaderChanged(leaderId)
  }

  /** num.replica.fetchers may be another. */
  settingsChanged(): void {
    const each = this.o.config()['num.replica.fetchers']
    if (each === this.each) return
    const all = [...this.all.values()]
    this.each = each
    for (const fetcher of this.running) fetcher.stop()
    this.fetchers.clear()
    for (const f of all) {
      f.over = true
      const again = new Followed(f)
      again.held = f.held
      this.all.set(nameOf(f), again)
      this.fetcherOf(again).add(again)
    }
  }

  stop(): void {
    this.stopped = true
    for (const f of this.all.values()) f.over = true
    this.all.clear()
    for (const fetcher of this.running) fetcher.stop()
  }

  /** How many partitions are followed. */
  get count(): number {
    return this.all.size
  }

  /** Records that the one that is furthest behind lacks. */
  get maxLag(): number {
    let max = 0
    for (const { lag } of this.all.values()) max = Math.max(max, lag ?? 0)
    return max
  }

  /** Of one partition: records that its leader had committed by its last answer and that are missing here; undefined before. */
  lagOf(topic: string, index: number): number | undefined {
    return this.all.get(`${topic}-${index}`)?.lag
  }

  private get running(): LeaderFetcher[] {
    return [...this.fetchers.values()].flatMap((list) => list.filter((f) => f !== undefined))
  }

  private fetcherOf(f: Followed): LeaderFetcher {
    let list = this.fetchers.get(f.leaderId)
    if (!list) this.fetchers.set(f.leaderId, (list = []))
    const { env, nodeId, brokerEpoch, config, throttle, blocks, warn } = this.o
    return (list[slotOf(f, this.each)] ??= new LeaderFetcher({
      ...{ env, nodeId, brokerEpoch, config, throttle, blocks, warn },
      leaderId: f.leaderId,
      address: () => this.o.addressOf(f.leaderId),
    }))
  }
}

const nameOf = ({ topic, index }: { topic: string; index: number }): string => `${topic}-${index}`

const isSame = (a: Followed, b: ToFollow): boolean =>
  a.leaderId === b.leaderId && a.leaderEpoch === b.leaderEpoch && a.topicId === b.topicId && a.replica === b.replica

/** Neighbouring partitions of a topic are with neighbouring fetchers. */
function slotOf({ topic, index }: Followed, count: number): number {
  let hash = 0
  for (let i = 0; i < topic.length; i++) hash = (hash * 31 + topic.charCodeAt(i)) | 0
  return Math.abs((hash + index) % count)
}
