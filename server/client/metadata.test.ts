import { expect, test } from 'vitest'
import { errorCode } from '../protocol/errors.ts'
import { ZERO_UUID } from '../protocol/schema.ts'
import { MetadataCache } from './metadata.ts'

type Said = { leader: number; leaderEpoch: number; errorCode?: number }

const [one, other] = ['AAAAAAAAAAAAAAAAAAAAAQ', 'AAAAAAAAAAAAAAAAAAAAAg'] as const

/** What a broker answers about the topic `t`. */
const answer = (topicId: string, partitions: readonly Said[], code = 0): Parameters<MetadataCache['update']>[0] => ({
  throttleTimeMs: 0,
  brokers: [1, 2].map((nodeId) => ({ nodeId, host: `broker${nodeId}`, port: 9092, rack: null })),
  clusterId: 'c',
  controllerId: 1,
  topics: [
    {
      errorCode: code,
      name: 't',
      topicId,
      isInternal: false,
      partitions: partitions.map(({ leader, leaderEpoch, errorCode = 0 }, partitionIndex) => ({
        errorCode,
        partitionIndex,
        leaderId: leader,
        leaderEpoch,
        replicaNodes: [1, 2],
        isrNodes: [1, 2],
        offlineReplicas: [],
      })),
      topicAuthorizedOperations: 0,
    },
  ],
  clusterAuthorizedOperations: 0,
  errorCode: 0,
})

/** Leaders and epochs of the cached partitions. */
const known = (cache: MetadataCache) => cache.topics.get('t')?.partitions.map((p) => [p.leader, p.leaderEpoch])

test('a broker that has not heard of an election yet is not believed about its partition, and is about the others', () => {
  const cache = new MetadataCache()
  cache.update(
    answer(one, [
      { leader: 2, leaderEpoch: 5 },
      { leader: 1, leaderEpoch: 3 },
    ]),
    0,
  )
  const [topic] = cache.update(
    answer(one, [
      { leader: 1, leaderEpoch: 4 },
      { leader: 2, leaderEpoch: 4 },
    ]),
    1,
  )
  expect(topic!.partitions.map((p) => p.leader)).toEqual([2, 2])
  expect(known(cache)).toEqual([
    [2, 5],
    [2, 4],
  ])
})

test('what is asked for anew, because nobody leads where it was said, is not older than what was known', () => {
  const cache = new MetadataCache()
  cache.update(answer(one, [{ leader: 2, leaderEpoch: 5 }]), 0)
  cache.forget('t')
  cache.update(answer(one, [{ leader: 1, leaderEpoch: 4 }]), 1)
  expect(known(cache)).toEqual([[2, 5]])
  cache.update(answer(one, [{ leader: -1, leaderEpoch: 6, errorCode: errorCode.LEADER_NOT_AVAILABLE }]), 2)
  cache.update(answer(one, [{ leader: 2, leaderEpoch: 5 }]), 3)
  expect(known(cache)).toEqual([[-1, 6]])
})

test('another topic of the name begins its epochs anew, and so does one whose id nobody tells', () => {
  const cache = new MetadataCache()
  for (const [before, after] of [
    [one, other],
    [ZERO_UUID, ZERO_UUID],
  ] as const) {
    cache.update(answer(before, [{ leader: 2, leaderEpoch: 5 }]), 0)
    cache.update(answer(after, [{ leader: 1, leaderEpoch: 0 }]), 1)
    expect(known(cache)).toEqual([[1, 0]])
  }
})

test('of a topic that has gone nothing is kept', () => {
  const cache = new MetadataCache()
  cache.update(answer(one, [{ leader: 2, leaderEpoch: 5 }]), 0)
  cache.update(answer(ZERO_UUID, [], errorCode.UNKNOWN_TOPIC_OR_PARTITION), 1)
  expect(known(cache)).toBeUndefined()
  cache.update(answer(one, [{ leader: 1, leaderEpoch: 0 }]), 2)
  expect(known(cache)).toEqual([[1, 0]])
})
