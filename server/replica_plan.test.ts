import { describe, expect, test } from 'vitest'
import { type Goal, type PartitionState, replicaPlan } from './replica_plan.ts'

/** `1,2,3` with its first as the leader; `>` before what a reassignment leads to, `!` where nobody leads. */
function partitions(texts: readonly string[]): PartitionState[] {
  return texts.map((text, partition) => {
    const [now, target] = text.split('>')
    const leaderless = now!.endsWith('!')
    const ids = (list: string) => list.replace('!', '').split(',').map(Number)
    const replicas = ids(now!)
    return {
      topic: 't',
      partition,
      replicas,
      isr: replicas,
      leader: leaderless ? -1 : replicas[0]!,
      ...(target !== undefined && { target: ids(target) }),
    }
  })
}

const check = (
  texts: readonly string[],
  goal: Goal,
  moves: Record<number, string>,
  rest = { underWay: 0, stuck: 0 },
) => {
  const plan = replicaPlan(partitions(texts), goal)
  expect(Object.fromEntries(plan.moves.map((m) => [m.partition, m.replicas.join()]))).toEqual(moves)
  expect({ underWay: plan.underWay.length, stuck: plan.stuck.length }).toEqual(rest)
}

const to = (factor: number) => () => factor

describe('which replicas move', () => {
  test('what is where it should be stays', () => {
    check(['1,2,3', '2'], { keep: [1, 2, 3] }, {})
  })

  test('to one broker everything goes, whatever it was', () => {
    check(['1,2,3', '2', '3,2', '1'], { keep: [1] }, { 0: '1', 1: '1', 2: '1' })
  })

  test('who leaves is replaced in its place by who has the least', () => {
    check(['4,1,2', '1,5,2', '5'], { keep: [1, 2, 3] }, { 0: '3,1,2', 1: '1,3,2', 2: '2' })
  })

  test('fewer brokers than replicas: those that are left', () => {
    check(['3,1,2', '2,3,1'], { keep: [1, 2] }, { 0: '1,2', 1: '2,1' })
  })

  test('topics that were on all brokers grow with them, and their leaders are spread', () => {
    check(['1', '1', '1'], { keep: [1, 2, 3], raise: { from: 1, to: to(3) } }, { 0: '2,1,3', 1: '3,1,2', 2: '1,2,3' })
  })

  test('a topic that was not on all of them was meant to be so', () => {
    check(['1', '1,2'], { keep: [1, 2, 3], raise: { from: 2, to: to(3) } }, { 1: '2,1,3' })
  })

  test('a reassignment that leads where it should is waited for, another one is led elsewhere', () => {
    check(['1,2,3>1,2', '1,4>4', '4,1>1'], { keep: [1, 2] }, { 1: '2' }, { underWay: 2, stuck: 0 })
  })

  test('what nobody leads cannot be copied', () => {
    check(['3!', '1!', '2!'], { keep: [1, 2] }, {}, { underWay: 0, stuck: 1 })
  })

  test('asked again after what it said, it has nothing to add', () => {
    const goal: Goal = { keep: [1, 2, 3], raise: { from: 1, to: to(2) } }
    const before = partitions(['1', '4,5', '5,4,1', '2', '3,1'])
    const { moves } = replicaPlan(before, goal)
    expect(moves.length).toBeGreaterThan(0)
    const after = before.map((p) => ({
      ...p,
      replicas: moves.find((m) => m.partition === p.partition)?.replicas ?? p.replicas,
    }))
    expect(replicaPlan(after, goal).moves).toEqual([])
  })
})
