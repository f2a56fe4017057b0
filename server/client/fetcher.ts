/**
 * Reads records without a consumer group: raw fetches from the leaders, whole batches with all they tell about
 * themselves, positions that move over what holds no records (control batches, compacted ones).
 *
 * It deliberately commits nothing, joins nothing, and uses no fetch sessions: a session would keep the set of
 * partitions on the broker, and a console's reads change it all the time.
 */
import type { Cluster } from './cluster.ts'
import {
  closeOnAbort,
  type FetchedPartition,
  type FetchOptions,
  type FetchPosition,
  fetchFailed,
  fetchFrom,
} from './fetch_request.ts'
import { FetchStream, type StreamPosition } from './fetch_stream.ts'
import { perLeader } from './routing.ts'

export type { FetchedPartition, FetchOptions, FetchPosition, StreamPosition }

const FETCH_TIMEOUT_MS = 10_000

export class Fetcher {
  constructor(private readonly cluster: Cluster) {}

  /**
   * One answer for each position, from each leader one request. Stale leaders are looked up anew. An answer without
   * batches but with `sizeBytes` above 0 holds a batch larger than `partitionMaxBytes`. Throws only on abort.
   */
  fetch(positions: readonly FetchPosition[], options: FetchOptions = {}): Promise<FetchedPartition[]> {
    return perLeader(
      this.cluster,
      positions,
      async (node, items) => {
        const connection = await this.cluster.borrow(node)
        const release = closeOnAbort(connection, options.signal)
        try {
          return await fetchFrom(this.cluster, connection, items, options)
        } finally {
          release()
          this.cluster.giveBack(node, connection)
        }
      },
      fetchFailed,
      { signal: options.signal, timeoutMs: FETCH_TIMEOUT_MS + (options.maxWaitMs ?? 0) },
    )
  }

  /**
   * Reads on and on from all positions and hands out what arrives, with long polls of `maxWaitMs` (default 500). A
   * leader whose answer has not been taken is asked no further, so a slow reader holds one or two answers a leader.
   * Ends when every partition is done or has failed for good (its error is handed out), or quietly on abort.
   */
  async *stream(positions: readonly StreamPosition[], options: FetchOptions = {}): AsyncGenerator<FetchedPartition> {
    if (options.signal?.aborted) return
    const reading = new FetchStream(this.cluster, positions, options)
    const stop = () => reading.stop()
    options.signal?.addEventListener('abort', stop, { once: true })
    try {
      for (;;) {
        const answer = await reading.channel.take()
        if (!answer || options.signal?.aborted) return
        yield* answer
      }
    } finally {
      options.signal?.removeEventListener('abort', stop)
      reading.stop()
    }
  }
}
