import { expect, test } from 'vitest'
import { simEnv } from '../env/sim.ts'
import { errorCode } from '../protocol/errors.ts'
import type { IsrChange } from '../replication/leader_state.ts'
import { IsrChanges } from './isr_changes.ts'

const change = (partitionEpoch: number, ...ids: number[]): IsrChange => ({
  kind: 'expand',
  leaderEpoch: 1,
  partitionEpoch,
  isr: ids.map((brokerId) => ({ brokerId, brokerEpoch: brokerId * 10 })),
})

function start() {
  const { env, time } = simEnv()
  const lines: string[] = []
  const asked: string[] = []
  const pending: { answer: (error?: number) => void; fail: (error: Error) => void }[] = []
  const changes = new IsrChanges({
    clock: env.clock,
    nodeId: 1,
    brokerEpoch: () => 10,
    warn: (line) => lines.push(line),
    ask: ({ topics, brokerEpoch }) => {
      asked.push(
        topics
          .flatMap((t) => t.partitions.map((p) => `${t.topicId}-${p.partitionIndex}@${p.partitionEpoch}`))
          .join(' ') + (brokerEpoch === 10 ? '' : '!'),
      )
      return new Promise((resolve, reject) =>
        pending.push({
          fail: reject,
          answer: (error = 0) =>
            resolve({
              throttleTimeMs: 0,
              errorCode: error,
              topics: topics.map((t) => ({
                topicId: t.topicId!,
                topicName: '',
                partitions: t.partitions.map((p) => ({
                  partitionIndex: p.partitionIndex,
                  errorCode: p.partitionIndex === 9 ? errorCode.INELIGIBLE_REPLICA : 0,
                  leaderId: 1,
                  leaderEpoch: 1,
                  leaderRecoveryState: 0,
                  isr: (p.newIsr ?? []) as number[],
                  partitionEpoch: p.partitionEpoch + 1,
                })),
              })),
            }),
        }),
      )
    },
  })
  const told: string[] = []
  const submit = (topicId: string, index: number, c: IsrChange) =>
    void changes
      .submit(topicId, index, c)
      .then((o) => told.push(`${topicId}-${index} ${'error' in o ? o.error : `${o.isr}@${o.partitionEpoch}`}`))
  return { changes, time, lines, asked, pending, told, submit }
}

test('what comes up in one turn is one request; what comes up while it is under way is the next', async () => {
  const { submit, asked, pending, told, time } = start()
  submit('a', 0, change(3, 1, 2))
  submit('b', 9, change(4, 1, 2))
  submit('a', 1, change(5, 1, 3))
  await time.runFor(0)
  submit('a', 2, change(6, 1))
  await time.runFor(100)
  expect(asked).toEqual(['a-0@3 a-1@5 b-9@4'])
  pending[0]!.answer()
  await time.runFor(0)
  expect(told.sort()).toEqual(['a-0 1,2@4', 'a-1 1,3@6', 'b-9 INELIGIBLE_REPLICA'])
  expect(asked.slice(1)).toEqual(['a-2@6'])
})

test('a request that is refused as a whole or not answered is made again, with what is newer', async () => {
  const { submit, asked, pending, told, lines, time } = start()
  submit('a', 0, change(3, 1, 2))
  submit('a', 1, change(3, 1, 2))
  await time.runFor(0)
  submit('a', 0, change(4, 1, 3))
  pending[0]!.answer(errorCode.STALE_BROKER_EPOCH)
  await time.runFor(60)
  expect([asked, told]).toEqual([['a-0@3 a-1@3', 'a-0@4 a-1@3'], ['a-0 OPERATION_NOT_ATTEMPTED']])
  for (let i = 1; i < 9; i++) {
    pending[i]!.fail(new Error('nobody is there'))
    await time.runFor(1100)
  }
  expect([asked.length, lines.length]).toEqual([10, 1])
  pending[9]!.answer()
  await time.runFor(0)
  expect(told.slice(1)).toEqual(['a-0 1,3@5', 'a-1 1,2@4'])
})

test('a broker that has stopped asks no more', async () => {
  const { changes, submit, asked, pending, time } = start()
  submit('a', 0, change(3, 1))
  await time.runFor(0)
  changes.stop()
  pending[0]!.fail(new Error('gone'))
  submit('a', 1, change(3, 1))
  await time.runFor(5000)
  expect(asked.length).toBe(1)
})
