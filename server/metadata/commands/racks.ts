/** Brokers by rack, from which the replicas of partitions are taken in turn (see `placement.ts`). Brokers without a rack share one. */
import type { Random } from '../../env/env.ts'
import type { BrokerRegistration } from '../image.ts'

export class Racks {
  private readonly racks: { serving: Ring; fenced: Ring }[]
  private readonly serving: number
  /** The rack that the next partition begins with. */
  private first: number
  private round = 0

  constructor(
    brokers: readonly BrokerRegistration[],
    private readonly random: Random,
  ) {
    const rackOf = (b: BrokerRegistration) => b.rack ?? ''
    const ring = (of: readonly BrokerRegistration[]) =>
      new Ring(
        of.map((b) => b.brokerId).sort((a, b) => a - b),
        random,
      )
    this.racks = [...new Set(brokers.map(rackOf))].sort().map((rack) => {
      const of = brokers.filter((b) => rackOf(b) === rack)
      return { serving: ring(of.filter((b) => !b.fenced)), fenced: ring(of.filter((b) => b.fenced)) }
    })
    this.serving = brokers.filter((b) => !b.fenced).length
    this.first = random.int(this.racks.length)
  }

  /** There must be as many brokers as replicas, and one that serves. */
  place(count: number, replicationFactor: number): number[][] {
    return Array.from({ length: count }, () => this.next(replicationFactor))
  }

  private next(replicationFactor: number): number[] {
    // From here on the same sets of brokers would come again.
    if (this.round > 0 && this.round % this.serving === 0 && this.serving > 1) this.shuffle()
    for (const { serving, fenced } of this.racks) {
      serving.begin(this.round)
      fenced.begin(this.round)
    }
    const at = (i: number) => this.racks[(this.first + i) % this.racks.length]!
    const replicas: number[] = []
    // The leader, of the first rack that has somebody who serves; that rack's turn is over then.
    let skip = 0
    for (; replicas.length === 0; skip++) {
      const leader = at(skip).serving.take()
      if (leader !== undefined) replicas.push(leader)
    }
    for (let i = 0; replicas.length < replicationFactor; i++) {
      if (i === skip - 1) continue
      const { serving, fenced } = at(i)
      const broker = serving.take() ?? fenced.take()
      if (broker !== undefined) replicas.push(broker)
    }
    this.round++
    this.first = (this.first + 1) % this.racks.length
    return replicas
  }

  private shuffle(): void {
    shuffle(this.racks, this.random)
    for (const { serving, fenced } of this.racks) {
      serving.shuffle(this.random)
      fenced.shuffle(this.random)
    }
  }
}

/** Brokers in a circle: each partition begins one further. */
class Ring {
  private offset: number
  private taken = 0

  constructor(
    private readonly brokers: number[],
    random: Random,
  ) {
    this.offset = brokers.length === 0 ? 0 : random.int(brokers.length)
  }

  begin(round: number): void {
    this.taken = 0
    if (round > 0 && this.brokers.length > 0) this.offset = (this.offset + 1) % this.brokers.length
  }

  /** Undefined if this partition has had all of them. */
  take(): number | undefined {
    if (this.taken === this.brokers.length) return undefined
    return this.brokers[(this.offset + this.taken++) % this.brokers.length]
  }

  shuffle(random: Random): void {
    shuffle(this.brokers, random)
  }
}

function shuffle<T>(items: T[], random: Random): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.int(i + 1)
    ;[items[i], items[j]] = [items[j]!, items[i]!]
  }
}
