import { expect, test } from 'vitest'
import { LeaderEpochs } from '../../log/leader_epochs.ts'
import { truncationOffset } from './truncation.ts'

/** A log as its epochs: where each begins, and where all ends. */
function log(epochs: Record<number, number>, logEndOffset: number, highWatermark = 0) {
  const known = new LeaderEpochs()
  for (const [epoch, start] of Object.entries(epochs)) known.assign(Number(epoch), start)
  return {
    logEndOffset,
    highWatermark,
    endOffsetForEpoch: (epoch: number) => known.endOffsetFor(epoch, logEndOffset),
  }
}

const check = (leader: ReturnType<typeof log>, follower: ReturnType<typeof log>, lastEpoch: number) =>
  truncationOffset(leader.endOffsetForEpoch(lastEpoch), follower)

test('a follower is cut where the leader ended the epoch of its last record', () => {
  expect(check(log({ 0: 0, 2: 10 }, 20), log({ 0: 0 }, 15), 0)).toBe(10)
})

test('it is cut where the last epoch ended that both know', () => {
  // The leader never had epoch 1.
  expect(check(log({ 0: 0, 2: 10 }, 20), log({ 0: 0, 1: 8 }, 15), 1)).toBe(8)
})

test('where the follower lacks the epoch that the leader names, it is cut to the end of the one before, and asks again', () => {
  // The leader knows 3 and 5, the follower 3 and 4 and has never heard of 5.
  const leader = log({ 3: 0, 5: 10, 7: 30 }, 40)
  const follower = log({ 3: 0, 4: 12, 6: 20 }, 35)
  expect(check(leader, follower, 6)).toBe(20)
  expect(check(leader, log({ 3: 0, 4: 12 }, 20), 4)).toBe(10)
})

test('it is never cut beyond its own end', () => {
  expect(check(log({ 0: 0 }, 100), log({ 0: 0 }, 7), 0)).toBe(7)
})

test('a leader that knows nothing so old leaves what is committed', () => {
  expect(truncationOffset({ epoch: -1, endOffset: -1 }, log({ 0: 0 }, 15, 9))).toBe(9)
  expect(truncationOffset({ epoch: -1, endOffset: 12 }, log({ 0: 0 }, 15, 9))).toBe(12)
})

test('a follower without epochs is cut to the end that the leader names', () => {
  expect(truncationOffset({ epoch: 2, endOffset: 12 }, log({}, 15))).toBe(12)
})
