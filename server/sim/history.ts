/** What everyone outside of the broker has seen, in the order of the virtual clock: all that the judges know. */

/** `topic/partition`. */
export type TopicPartition = string

export type Event =
  | { kind: 'sent'; producer: string; at: TopicPartition; value: string }
  /** `offset` null: a retry that found it written. `durable`: acks=all. */
  | {
      kind: 'acknowledged'
      producer: string
      at: TopicPartition
      value: string
      offset: number | null
      durable: boolean
    }
  | { kind: 'refused'; producer: string; at: TopicPartition; value: string; error: string }
  | { kind: 'read'; reader: string; at: TopicPartition; offset: number; value: string }
  /** What came is no record batch. */
  | { kind: 'corrupt'; at: TopicPartition; offset: number }
  /** A reader begins at an offset of its own choice. */
  | { kind: 'seek'; reader: string; at: TopicPartition; offset: number }
  /** `askedMs`: what happened since may not be in the answer yet. */
  | { kind: 'watermarks'; at: TopicPartition; askedMs: number; highWatermark: number; logStart: number }
  /** DeleteRecords was answered. */
  | { kind: 'deleted'; at: TopicPartition; logStart: number }
  | { kind: 'commit sent'; group: string; at: TopicPartition; offset: number }
  | { kind: 'committed'; group: string; at: TopicPartition; offset: number }
  /** -1: none. */
  | { kind: 'offset fetched'; group: string; at: TopicPartition; offset: number }
  /** A member of a consumer group has a partition from now on, or has it no more. */
  | { kind: 'took' | 'gave up'; group: string; member: string; at: TopicPartition }
  /** A heartbeat of the member's that was sent then has been answered. */
  | { kind: 'heard'; group: string; member: string; sentMs: number }
  | { kind: 'producer id'; id: number }
  | { kind: 'topic creation sent'; topic: string }
  | { kind: 'topic created'; topic: string; topicId: string }
  | { kind: 'topics listed'; askedMs: number; topics: Record<string, string> }
  /** Power is lost, the process is killed, it stops cleanly; a disk error makes what was not synced as good as lost. */
  | { kind: 'crash' | 'kill' | 'stop' | 'boot' | 'serving' | 'disk error' }
  | { kind: 'start failed'; error: string }
  /** All of a partition, read in peace; `recovery` counts the starts in peace. */
  | {
      kind: 'contents'
      at: TopicPartition
      recovery: number
      logStart: number
      highWatermark: number
      records: [offset: number, value: string][]
    }
  /** What one replica of a partition has from `logStart` to the high watermark, its batches as bytes: a checksum of them. */
  | { kind: 'replica'; at: TopicPartition; node: number; logStart: number; highWatermark: number; checksum: number }
  /** A broker takes itself for the leader of this epoch. */
  | { kind: 'leads'; at: TopicPartition; node: number; epoch: number }
  /** How a replica stands, whenever that has changed; `replica`: its own number, a new one after every start and when it is made anew. */
  | { kind: 'stands'; at: TopicPartition; node: number; replica: number; epoch: number; highWatermark: number }
  /** Something that should have come has not. */
  | { kind: 'stuck'; what: string }
  /** The broker threw where nobody caught it. */
  | { kind: 'threw'; error: string }

/** Topics called so are compacted. */
export const COMPACTED = 'durable-compacted'
/** There the key of a value, `producer-number`, is one of a few, whoever wrote it; that of every tenth comes only once. */
export function keyOf(value: string): string {
  const number = Number(value.slice(value.lastIndexOf('-') + 1))
  return number % 10 === 0 ? value : `k${number % 7}`
}

export interface TimedEvent {
  /** Ms of virtual time. */
  readonly ms: number
  readonly event: Event
}

export class History {
  readonly events: TimedEvent[] = []
  constructor(private readonly nowMs: () => number) {}
  add(event: Event): void {
    this.events.push({ ms: this.nowMs(), event })
  }
  count(kind: Event['kind']): number {
    return this.events.reduce((n, e) => n + (e.event.kind === kind ? 1 : 0), 0)
  }
}
