import { describe, expect, test } from 'vitest'
import { SimRandom } from '../../../../env/sim_random.ts'
import type { Partitions } from '../partitions.ts'
import { type AssignedMember, type AssignedTopics, assignorNames, assignors } from './assignor.ts'

const member = (memberId: string, reads: string[], previous: Partitions = new Map()): AssignedMember => ({
  memberId,
  instanceId: null,
  subscription: new Set(reads),
  previous,
})
const plain = (assigned: Map<string, Partitions>) =>
  Object.fromEntries([...assigned].map(([id, t]) => [id, [...t].map(([topic, p]) => `${topic}:${[...p]}`).join(' ')]))
const size = (p: Partitions | undefined) => [...(p?.values() ?? [])].reduce((n, set) => n + set.size, 0)

/** Members with subscriptions by chance. Topics that nobody reads are no assignor's affair. */
function scene(random: SimRandom, sameSubscriptions: boolean) {
  const topics = new Map(Array.from({ length: random.between(1, 6) }, (_, i) => [`t${i}`, random.between(1, 12)]))
  const all = [...topics.keys()]
  const some = () => all.filter(() => random.chance(0.6))
  const members = Array.from({ length: random.between(1, 9) }, (_, i) =>
    member(`m${i}`, sameSubscriptions ? all : some()),
  )
  for (const t of all) if (!members.some((m) => m.subscription.has(t))) topics.delete(t)
  return { topics, members }
}

function checkComplete(assigned: Map<string, Partitions>, members: AssignedMember[], topics: AssignedTopics) {
  const seen = new Set<string>()
  for (const m of members) {
    for (const [topic, partitions] of assigned.get(m.memberId)!) {
      expect(m.subscription.has(topic)).toBe(true)
      for (const p of partitions) {
        expect(p).toBeLessThan(topics.get(topic)!)
        expect(seen.has(`${topic}/${p}`)).toBe(false)
        seen.add(`${topic}/${p}`)
      }
    }
  }
  expect(seen.size).toBe([...topics.values()].reduce((a, b) => a + b, 0))
}

describe('server-side assignors', () => {
  for (const [name, assign] of Object.entries(assignors)) {
    test(`${name}: every partition has exactly one owner, who reads its topic`, () => {
      const random = new SimRandom(1)
      for (let i = 0; i < 300; i++) {
        const { members, topics } = scene(random, i % 2 === 0)
        checkComplete(assign(members, topics), members, topics)
      }
    })
  }

  test('uniform: nobody has two more than another who could take one of them', () => {
    const random = new SimRandom(2)
    for (let i = 0; i < 300; i++) {
      const { members, topics } = scene(random, i % 2 === 0)
      const assigned = assignors.uniform!(members, topics)
      for (const a of members) {
        for (const b of members) {
          const shared = [...assigned.get(a.memberId)!.keys()].some((t) => b.subscription.has(t))
          if (shared) expect(size(assigned.get(a.memberId)) - size(assigned.get(b.memberId))).toBeLessThan(2)
        }
      }
    }
  })

  test('uniform: when a member comes, only what it gets moves; when one goes, only what it had', () => {
    const random = new SimRandom(3)
    for (let i = 0; i < 200; i++) {
      const { members, topics } = scene(random, true)
      const before = assignors.uniform!(members, topics)
      const stayed = members.map((m) => ({ ...m, previous: before.get(m.memberId)! }))
      const came = assignors.uniform!([...stayed, member('new', [...topics.keys()])], topics)
      for (const m of stayed) {
        for (const [t, p] of came.get(m.memberId)!) for (const x of p) expect(m.previous.get(t)?.has(x)).toBe(true)
      }
      const [gone, ...left] = stayed
      if (left.length === 0) continue
      const after = assignors.uniform!(left, topics)
      for (const m of left)
        for (const [t, p] of m.previous) for (const x of p) expect(after.get(m.memberId)!.get(t)!.has(x)).toBe(true)
      expect(gone).toBeDefined()
    }
  })

  test('uniform gives shares in runs, and takes away from their end', () => {
    const topics = new Map([['t', 6]])
    const two = assignors.uniform!([member('a', ['t']), member('b', ['t'])], topics)
    expect(plain(two)).toEqual({ a: 't:0,1,2', b: 't:3,4,5' })
    const three = [...two].map(([id, previous]) => member(id, ['t'], previous))
    expect(plain(assignors.uniform!([...three, member('c', ['t'])], topics))).toEqual({
      a: 't:0,1',
      b: 't:3,4',
      c: 't:2,5',
    })
  })

  test('range: topics of one size meet at the same members; static members come first, in the order of their instances', () => {
    const topics = new Map([
      ['t', 3],
      ['u', 3],
    ])
    const members = [
      member('a', ['t', 'u']),
      { ...member('z', ['t', 'u']), instanceId: 'two' },
      { ...member('y', ['t', 'u']), instanceId: 'one' },
    ]
    expect(plain(assignors.range!(members, topics))).toEqual({ y: 't:0 u:0', z: 't:1 u:1', a: 't:2 u:2' })
    expect(plain(assignors.range!(members.slice(0, 2), topics))).toEqual({ z: 't:0,1 u:0,1', a: 't:2 u:2' })
  })

  test('they are known by their short names and by the classes of Kafka', () => {
    const java = 'org.apache.kafka.coordinator.group.assignor.RangeAssignor'
    expect(assignorNames([java, 'uniform', 'com.example.Own', 'constructor'])).toEqual(['range', 'uniform'])
  })

  test('a thousand members and ten thousand partitions are assigned in a moment', () => {
    const topics = new Map(Array.from({ length: 100 }, (_, i) => [`t${i}`, 100]))
    const members = Array.from({ length: 1_000 }, (_, i) => member(`m${i}`, [...topics.keys()]))
    const startedAt = performance.now()
    const first = assignors.uniform!(members, topics)
    assignors.uniform!(
      members.slice(1).map((m) => ({ ...m, previous: first.get(m.memberId)! })),
      topics,
    )
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  })
})
