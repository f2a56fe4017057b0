import { expect, test } from 'vitest'
import { decodeProducerSnapshot, encodeProducerSnapshot } from './producer_snapshot.ts'
import type { ProducerEntry } from './producer_state.ts'

const entry = (producerId: number, lastSequences: number[]): ProducerEntry => ({
  producerId,
  epoch: 0,
  batches: lastSequences.map((lastSequence) => ({
    lastSequence,
    lastOffset: 10 + lastSequence,
    offsetDelta: 0,
    timestamp: 100 + lastSequence,
  })),
  lastTimestamp: 100 + (lastSequences.at(-1) ?? 0),
  coordinatorEpoch: -1,
  currentTxnFirstOffset: -1,
})

test('every batch that may still be in flight is found again, and a producer of which only the epoch is known', () => {
  const producers = [entry(1, [3, 4, 5, 6, 7]), entry(2, [0]), entry(3, [])]
  expect(decodeProducerSnapshot(encodeProducerSnapshot(producers))).toEqual(producers)
})

test('a damaged file is no snapshot', () => {
  const file = encodeProducerSnapshot([entry(1, [3])])
  file[file.length - 1]! ^= 1
  expect(decodeProducerSnapshot(file)).toBeUndefined()
  expect(decodeProducerSnapshot(file.subarray(0, 3))).toBeUndefined()
})
