import { describe, expect, test } from 'vitest'
import { brokerConfig, staticOnly } from '../../config/resolve.ts'
import { QuorumNodes, quorumAddresses } from './quorum_nodes.ts'

const at = (port: number) => ({ host: 'h', port })
const nodes = () =>
  new QuorumNodes({
    voters: new Map([
      [1, at(1)],
      [2, at(2)],
    ]),
    bootstrap: [],
    epoch: 3,
  })

describe('what a broker knows of the quorum', () => {
  test('while nobody is known to lead all are asked in turn', () => {
    const q = nodes()
    expect([q.next(), q.next(), q.next()].map((a) => a.port)).toEqual([1, 2, 1])
    expect(q.leaderAddress).toBeUndefined()
  })

  test('a leader of a later epoch counts, one of an earlier does not', () => {
    const q = nodes()
    expect(q.learn({ leaderId: 2, leaderEpoch: 4 }, [])).toBe(true)
    expect([q.leaderId, q.leaderEpoch, q.next().port]).toEqual([2, 4, 2])
    expect(q.learn({ leaderId: 1, leaderEpoch: 3 }, [])).toBe(false)
    expect(q.leaderId).toBe(2)
    // An election is under way.
    expect(q.learn({ leaderId: -1, leaderEpoch: 5 }, [])).toBe(true)
    expect(q.leaderAddress).toBeUndefined()
  })

  test('an epoch is to be written down until it is', () => {
    const q = nodes()
    expect(q.learn({ leaderId: 1, leaderEpoch: 3 }, [])).toBe(false)
    expect(q.learn({ leaderId: 2, leaderEpoch: 4 }, [])).toBe(true)
    expect(q.learn({ leaderId: 2, leaderEpoch: 4 }, [])).toBe(true)
    q.epochWritten()
    expect(q.learn({ leaderId: 2, leaderEpoch: 4 }, [])).toBe(false)
  })

  test('a leader who is no fixed voter is reached where the answer says', () => {
    const q = nodes()
    q.learn({ leaderId: 9, leaderEpoch: 4 }, [])
    expect(q.leaderAddress).toBeUndefined()
    let woken = 0
    q.onLeader(() => woken++)
    q.learn({ leaderId: 9, leaderEpoch: 4 }, [{ nodeId: 9, ...at(9) }])
    expect([q.leaderAddress?.port, woken]).toEqual([9, 1])
  })

  test.each([
    [{ 'controller.quorum.voters': '3000@h:1' }, undefined],
    [{ 'controller.quorum.voters': '1@[::1]:1,2@h:2' }, undefined],
    [{ 'controller.quorum.bootstrap.servers': 'h:1,h:2' }, undefined],
    [{ 'controller.quorum.voters': 'h:1' }, 'controller.quorum.voters must be like 3000@localhost:9093, not h:1.'],
    [
      { 'controller.quorum.bootstrap.servers': 'h' },
      'controller.quorum.bootstrap.servers must be like localhost:9093, not h.',
    ],
    [
      { 'controller.quorum.bootstrap.servers': 'h:70000' },
      'controller.quorum.bootstrap.servers must be like localhost:9093, not h:70000.',
    ],
    [
      {},
      'process.roles=broker needs controllers: name them with controller.quorum.bootstrap.servers or controller.quorum.voters.',
    ],
  ])('%j is read, or said to be wrong', (settings, problem) => {
    const config = brokerConfig(staticOnly(new Map(Object.entries(settings))))
    if (problem === undefined) expect(() => quorumAddresses(config)).not.toThrow()
    else expect(() => quorumAddresses(config)).toThrow(problem)
  })
})
