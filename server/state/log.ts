/**
 * The log that a replicated state machine lives on, as its runtime sees it. The broker gives it a partition
 * (`__cluster_metadata-0`, one of `__consumer_offsets`), a test a list in memory.
 */
export interface StateLog {
  /**
   * Appends one record batch (format v2), which must be durable before the high watermark passes it, and writes its base
   * offset into it. Returns the offset after its last record. Throws before anything is written.
   */
  append(batch: Buffer): number
  /** Exclusive: everything below is committed, that is, it survives a crash here and, with replicas, a change of leader. */
  readonly highWatermark: number
  /**
   * Called whenever it moves; with an error, and then never again, once the log has gone offline or leadership is lost.
   * Returns the function that unsubscribes.
   */
  onHighWatermark(listener: (highWatermark: number, error?: Error) => void): () => void
}

/** How the machine's records look in the log: Kafka's key and value of one record. */
export interface RecordCodec<R> {
  encode(record: R): { key: Buffer | null; value: Buffer | null }
  /** Undefined for a record that is not this machine's to know, such as one of a later release: it is passed over. */
  decode(key: Buffer | null, value: Buffer | null): R | undefined
}
