/**
 * Judges over what the controller has committed. They follow the records one by one in an image of their own and know, apart from the
 * controller, which broker's which life has every record that was acknowledged to producers with acks=all.
 */
import { MIN_INSYNC_REPLICAS } from '../commands/effective_configs.ts'
import { MetadataImage, type PartitionImage, resourceType } from '../image.ts'
import type { MetadataRecord } from '../record_codec.ts'

const RECOVERING = 1

export class Judges {
  readonly image = new MetadataImage()
  readonly violations = new Set<string>()
  /** Records so far. */
  seen = 0
  readonly counts = { elections: 0, unclean: 0, emptyIsr: 0, moves: 0 }
  /** By partition: who led in which epoch. */
  private readonly leaders = new Map<string, Map<number, number>>()
  /** By partition: brokers that have everything, as long as what they have was not lost. Undefined: not known. */
  private readonly complete = new Map<string, Set<number>>()
  /** By partition and its epoch: who has caught up, as its leader says. */
  private readonly caughtUp = new Map<string, readonly number[]>()

  /** `wasUnclean`: did the life before this incarnation end so that it may have lost what it had? */
  constructor(private readonly wasUnclean: (incarnationId: string) => boolean) {}

  /** What is committed at once, one batch or several. */
  committed(records: readonly MetadataRecord[]): void {
    for (const record of records) {
      const before = this.of(record)
      this.image.apply(record, { offset: this.seen++, timestampMs: 0 })
      if (record.name === 'RegisterBrokerRecord') this.registered(record.data)
      if (record.name === 'UnregisterBrokerRecord') this.lost(record.data.brokerId)
      if (record.name === 'PartitionRecord' || record.name === 'PartitionChangeRecord') {
        this.changed(record.data.topicId, before, this.of(record)!)
      }
    }
    this.judgeState()
  }

  /** A leader is about to propose that these are in sync. */
  proposed(topicId: string, p: PartitionImage, isr: readonly number[]): void {
    const key = `${topicId}-${p.partitionId} ${p.partitionEpoch}`
    this.caughtUp.set(key, [...(this.caughtUp.get(key) ?? []), ...isr])
  }

  /** What is in sync has everything, whoever joins has caught up; who is elected without loss must be one of those. */
  private changed(topicId: string, before: PartitionImage | undefined, p: PartitionImage): void {
    const key = `${topicId}-${p.partitionId}`
    const { isr, replicas, eligibleLeaderReplicas: elr } = p
    const show = () => `${before === undefined ? 'nothing' : describe(before)} became ${describe(p)}`
    const within = (some: readonly number[]) =>
      new Set(some).size === some.length && some.every((id) => replicas.includes(id))
    if (!within(isr) || !within(elr) || elr.some((id) => isr.includes(id))) {
      this.convict(`ISR and ELR: ${show()}`)
    }
    if (before !== undefined) {
      if (p.partitionEpoch <= before.partitionEpoch || p.leaderEpoch < before.leaderEpoch) {
        this.convict(`an epoch went back: ${show()}`)
      }
      if (before.replicas.some((id) => !replicas.includes(id)) && p.leaderEpoch === before.leaderEpoch) {
        this.convict(`a replica was taken away within an epoch: ${show()}`)
      }
      if (before.addingReplicas.length > 0 && p.addingReplicas.length === 0) this.counts.moves++
    }
    const leaders = this.leaders.get(key) ?? new Map<number, number>()
    this.leaders.set(key, leaders)
    const known = leaders.get(p.leaderEpoch)
    if (known !== undefined && known !== p.leader) this.convict(`two leaders in one epoch: ${show()}`)
    leaders.set(p.leaderEpoch, p.leader)

    let complete = this.complete.get(key) ?? new Set(isr)
    for (const id of this.caughtUp.get(`${key} ${before?.partitionEpoch}`) ?? []) complete.add(id)
    if (p.leader >= 0 && before !== undefined && p.leader !== before.leader) {
      this.counts.elections++
      const isUnclean = p.leaderRecoveryState === RECOVERING
      if (isUnclean) {
        this.counts.unclean++
        complete = new Set([p.leader])
      } else if (!complete.has(p.leader) && this.withElr) {
        this.convict(`a clean election of one that lacks records, which ${[...complete]} have: ${show()}`)
      }
    }
    if (p.leader >= 0) for (const id of isr) complete.add(id)
    for (const id of complete) if (!replicas.includes(id)) complete.delete(id)
    this.complete.set(key, complete)
    this.writes(key, p)
  }

  /** While enough are in sync records are acknowledged, and whoever is not in sync lacks them. */
  private writes(key: string, p: PartitionImage): void {
    const topic = this.image.topicById(key.slice(0, 22))!
    if (p.leader < 0 || p.isr.length < Math.min(this.minInsyncReplicas(topic.name), p.replicas.length)) return
    this.complete.set(key, new Set(p.isr))
  }

  private registered({ brokerId, incarnationId }: { brokerId: number; incarnationId: string }): void {
    if (!this.wasUnclean(incarnationId)) return
    // One that is alone leads on with what it has: there is nothing else.
    const keeps = (p: PartitionImage) => this.image.brokers.size === 1 && p.leader === brokerId
    for (const { topicId, partitions } of this.image.topics.values()) {
      for (const p of partitions) if (!keeps(p)) this.complete.get(`${topicId}-${p.partitionId}`)?.delete(brokerId)
    }
  }

  private lost(brokerId: number): void {
    for (const complete of this.complete.values()) complete.delete(brokerId)
  }

  private judgeState(): void {
    const { image } = this
    for (const { topicId, partitions } of image.topics.values()) {
      for (const p of partitions) {
        const online = (id: number) => image.isOnline(p, id)
        const mayLead = p.isr.length > 0 ? p.isr : p.eligibleLeaderReplicas
        if (p.isr.length === 0) {
          this.counts.emptyIsr++
          if (p.leader >= 0 || !this.withElr) this.convict(`an empty ISR: ${describe(p)}`)
        }
        if (p.leader >= 0 && !p.isr.includes(p.leader)) this.convict(`the leader is not in sync: ${describe(p)}`)
        // A broker that stops while it is the only one keeps what it leads.
        if (p.leader >= 0 && !online(p.leader) && image.brokers.size > 1) {
          this.convict(`the leader does not run: ${describe(p)}`)
        }
        if (p.leader < 0 && mayLead.some(online)) this.convict(`nobody leads, though somebody could: ${describe(p)}`)
        const moves = p.addingReplicas.length + p.removingReplicas.length > 0
        const stay = p.replicas.filter((id) => !p.removingReplicas.includes(id))
        if (moves && stay.every((id) => p.isr.includes(id))) this.convict(`a move that does not end: ${describe(p)}`)
        this.writes(`${topicId}-${p.partitionId}`, p)
      }
    }
  }

  private get withElr(): boolean {
    return this.image.features.has('eligible.leader.replicas.version')
  }

  private minInsyncReplicas(topic: string): number {
    const of = (type: number, name: string) => this.image.configsOf(type, name).get(MIN_INSYNC_REPLICAS)
    return Number(of(resourceType.topic, topic) ?? of(resourceType.broker, '') ?? 1)
  }

  private of(record: MetadataRecord): PartitionImage | undefined {
    if (record.name !== 'PartitionRecord' && record.name !== 'PartitionChangeRecord') return undefined
    return this.image.topicById(record.data.topicId)?.partitions[record.data.partitionId]
  }

  convict(violation: string): void {
    this.violations.add(violation)
  }
}

export const describe = (p: PartitionImage): string =>
  `[leader ${p.leader} epoch ${p.leaderEpoch} (${p.partitionEpoch}) of ${p.replicas}; isr ${p.isr}; elr ${p.eligibleLeaderReplicas}; last ${p.lastKnownElr}; adding ${p.addingReplicas}; removing ${p.removingReplicas}${p.leaderRecoveryState === RECOVERING ? '; recovering' : ''}]`
