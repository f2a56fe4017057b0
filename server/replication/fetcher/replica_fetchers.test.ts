import { expect, test } from 'vitest'
import { simEnv } from '../../env/sim.ts'
import { BlockPool } from '../../lib/block_pool.ts'
import { KafkaError } from '../../protocol/errors.ts'
import type { FollowerReplica } from './followed.ts'
import { ReplicaFetchers } from './replica_fetchers.ts'

/** A log without epochs, as old formats leave it, that ends behind what is committed. */
function uncut(truncateTo: (offset: number) => void) {
  return { log: {}, logEndOffset: 5, highWatermark: 3, logStartOffset: 0, truncateTo } as unknown as FollowerReplica
}

function start() {
  const { env } = simEnv(1)
  const lines: string[] = []
  const fetchers = new ReplicaFetchers({
    ...{ env, nodeId: 1, brokerEpoch: () => undefined, addressOf: () => undefined },
    config: () => ({ 'num.replica.fetchers': 1 }) as any,
    throttle: { isThrottled: () => false, isExceeded: false, record() {} },
    blocks: new BlockPool(0),
    warn: (line) => lines.push(line),
  })
  const follow = (replica: FollowerReplica) =>
    fetchers.follow({ topic: 't', topicId: 'id', index: 0, leaderId: 2, leaderEpoch: 0, replica })
  return { fetchers, lines, follow }
}

test('without epochs what is not committed is cut off before anything is fetched', () => {
  const { fetchers, follow } = start()
  const cuts: number[] = []
  follow(uncut((offset) => cuts.push(offset)))
  expect([cuts, fetchers.count]).toEqual([[3], 1])
})

test('a log that cannot be cut is not followed, and others are none the worse for it', () => {
  const { fetchers, follow, lines } = start()
  follow(
    uncut(() => {
      throw new KafkaError('KAFKA_STORAGE_ERROR', 'the disk is gone')
    }),
  )
  expect([fetchers.count, lines]).toEqual([0, ['t-0 is not followed, its log cannot be cut: the disk is gone']])
})
