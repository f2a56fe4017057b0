/** Partitions in memory, with gaps where a test wants them: what browsing is tried against. */
import { KafkaError } from '../../protocol/errors.ts'
import type { Ask, Bounds, Chunk, RecordSource, SourceRecord } from './source.ts'

export interface FakeRecord {
  offset: number
  timestampMs: number
  key?: string | null
  value?: string | null
  headers?: [string, string | null][]
}

export class FakeSource implements RecordSource {
  readonly logs = new Map<number, { start: number; end: number; records: FakeRecord[] }>()
  readonly fetches: { partition: number; offset: number }[] = []
  broken = new Map<number, KafkaError>()
  /** Of a fetch, a partition. */
  recordsPerChunk = 10
  /** So many fetches of a partition come back with nothing before one that brings something. */
  emptyFetches = 0
  private empties = 0
  beforeFetch: () => void = () => {}

  /** Records as given, from offset `start`; `end` defaults to one past the last. */
  partition(partition: number, records: FakeRecord[], options: { start?: number; end?: number } = {}): this {
    const end = options.end ?? (records.at(-1)?.offset ?? -1) + 1
    this.logs.set(partition, { start: options.start ?? 0, end, records })
    return this
  }

  async partitions(): Promise<number[]> {
    return [...this.logs.keys()]
  }

  async bounds(partitions: readonly number[]): Promise<Bounds[]> {
    return partitions.map((partition) => {
      const log = this.logs.get(partition)!
      return { partition, startOffset: log.start, endOffset: log.end, error: this.broken.get(partition) ?? null }
    })
  }

  async offsetsAt(partitions: readonly number[], timestampMs: number): Promise<(number | null)[]> {
    return partitions.map((p) => this.logs.get(p)!.records.find((r) => r.timestampMs >= timestampMs)?.offset ?? null)
  }

  async fetch(asks: readonly Ask[]): Promise<Chunk[]> {
    this.beforeFetch()
    return asks.map(({ partition, offset }): Chunk => {
      this.fetches.push({ partition, offset })
      const log = this.logs.get(partition)!
      const none = { partition, records: [], nextOffset: offset, bytes: 0, unreadable: 0, error: null }
      if (this.broken.has(partition)) return { ...none, error: this.broken.get(partition)! }
      if (offset < log.start || offset > log.end) return { ...none, error: new KafkaError('OFFSET_OUT_OF_RANGE') }
      if (this.empties++ % (this.emptyFetches + 1) < this.emptyFetches) return none
      const found = log.records.filter((r) => r.offset >= offset && r.offset < log.end).slice(0, this.recordsPerChunk)
      const last = found.at(-1)
      const complete = last === undefined || last === log.records.findLast((r) => r.offset < log.end)
      const nextOffset = complete ? log.end : last.offset + 1
      return { ...none, records: found.map(sourceRecord), nextOffset, bytes: found.length * 100 }
    })
  }
}

const buffer = (s: string | null | undefined): Buffer | null => (s === null || s === undefined ? null : Buffer.from(s))

const sourceRecord = (r: FakeRecord): SourceRecord => ({
  offset: r.offset,
  timestampMs: r.timestampMs,
  timestampType: 'CreateTime',
  key: buffer(r.key),
  value: buffer(r.value),
  headers: (r.headers ?? []).map(([key, value]) => ({ key, value: buffer(value) })),
  batch: {
    baseOffset: r.offset,
    codec: 'none',
    leaderEpoch: 0,
    producerId: -1,
    producerEpoch: -1,
    baseSequence: -1,
    transactional: false,
  },
})
