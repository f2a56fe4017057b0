import { expect, test } from 'vitest'
import { simEnv } from '../env/sim.ts'
import { Files } from './files.ts'
import { LeaderEpochs } from './leader_epochs.ts'

const with3 = () => {
  const epochs = new LeaderEpochs()
  epochs.assign(1, 0)
  epochs.assign(2, 10)
  epochs.assign(5, 20)
  return epochs
}
const show = (e: LeaderEpochs) => e.all.map((x) => `${x.epoch}@${x.startOffset}`).join(' ')

test('an epoch that is known or older changes nothing', () => {
  const epochs = with3()
  epochs.assign(5, 25)
  epochs.assign(4, 25)
  epochs.assign(-1, 25)
  expect(show(epochs)).toBe('1@0 2@10 5@20')
})

test('an epoch without records gives way to the next one at the same offset', () => {
  const epochs = with3()
  epochs.assign(7, 20)
  expect(show(epochs)).toBe('1@0 2@10 7@20')
})

test.each([
  [25, '1@0 2@10 5@20'],
  [20, '1@0 2@10'],
  [15, '1@0 2@10'],
  [1, '1@0'],
  [0, ''],
])('a log cut to end at %i keeps the epochs that have records', (end, expected) => {
  const epochs = with3()
  epochs.truncateFromEnd(end)
  expect(show(epochs)).toBe(expected)
})

test.each([
  [0, '1@0 2@10 5@20'],
  [5, '1@5 2@10 5@20'],
  [10, '2@10 5@20'],
  [30, '5@30'],
])('a log that starts at %i knows the epoch of its first record', (start, expected) => {
  const epochs = with3()
  epochs.truncateFromStart(start)
  expect(show(epochs)).toBe(expected)
})

test('the file is what Kafka writes, and what is written is read back', async () => {
  const { env, time } = simEnv()
  env.disk.mkdir('/t-0')
  await time.runUntilSettled(with3().flush(new Files(env.disk), '/t-0'))
  expect(env.disk.readFile('/t-0/leader-epoch-checkpoint')!.toString()).toBe('0\n3\n1 0\n2 10\n5 20\n')
  const again = new LeaderEpochs()
  again.load(env.disk, '/t-0')
  expect(show(again)).toBe('1@0 2@10 5@20')
})

test.each([
  [5, 25, '1@0 2@10 5@20'],
  [2, 22, '1@0 2@10'],
  [4, 15, '1@0 2@10 4@15 5@20'],
  [7, 15, '1@0 2@10 7@15'],
  [1, 12, '1@0 5@20'],
  [6, 20, '1@0 2@10 6@20'],
])('a batch of epoch %i at offset %i is believed more than the file', (epoch, offset, expected) => {
  const epochs = with3()
  epochs.correct(epoch, offset)
  expect(show(epochs)).toBe(expected)
})
