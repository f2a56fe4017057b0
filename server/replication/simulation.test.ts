/** A partition's whole life with replicas, from seeds; and judges that convict it when its rules are broken. */
import { describe, expect, test } from 'vitest'
import { LeaderEpochs } from '../log/leader_epochs.ts'
import { SharedSync } from '../log/shared_sync.ts'
import { LeaderState, type LeaderTerm } from './leader_state.ts'
import { Partition } from './partition.ts'
import { ReplicationWorld, type ReplicationWorldOptions } from './simulation.ts'

const FAULTS = 25

const optionsOf = (seed: number): ReplicationWorldOptions => ({
  minInsyncReplicas: 1 + (seed % 2),
  dropped: seed % 3 === 0 ? 0 : 0.05,
  powerLoss: seed % 4 < 2,
})

async function problemsOf(seed: number): Promise<string[]> {
  const world = new ReplicationWorld(seed, optionsOf(seed))
  await world.run(FAULTS)
  return world.problems
}

test('whatever happens to brokers and messages, nothing acknowledged is lost, and replicas agree', async () => {
  for (let seed = 1; seed <= 40; seed++) expect([seed, await problemsOf(seed)]).toEqual([seed, []])
}, 30_000)

/** Replaces a method or getter; returns what puts it back. */
function replace(type: { prototype: object }, name: string, make: (original: any) => any): () => void {
  const before = Object.getOwnPropertyDescriptor(type.prototype, name)!
  const [kind, original] = before.get ? ['get', before.get] : ['value', before.value]
  Object.defineProperty(type.prototype, name, { ...before, [kind as string]: make(original) })
  return () => Object.defineProperty(type.prototype, name, before)
}

/** Without it whoever has caught up is waited for anyhow, and shields what stands behind. */
const nobodyIsComingIn = () => replace(LeaderState, 'isComingIn', () => () => false)
const both =
  (...installs: (() => () => void)[]) =>
  () => {
    const undo = installs.map((install) => install()).reverse()
    return () => {
      for (const fn of undo) fn()
    }
  }

const mutants: Record<string, () => () => void> = {
  'the high watermark does not wait for others in sync': () =>
    replace(LeaderState, 'replicatedTo', () => (at: { logEndOffset: number }) => at.logEndOffset),
  'one that comes in is not waited for until the controller has said yes': both(nobodyIsComingIn, () =>
    replace(
      LeaderState,
      'maximalIsr',
      () =>
        function (this: LeaderState) {
          return this.isr
        },
    ),
  ),
  'one that goes out is not waited for before the controller has said yes': () =>
    replace(
      LeaderState,
      'maximalIsr',
      (original) =>
        function (this: any) {
          return this.pending?.isr ?? original.call(this)
        },
    ),
  'whoever fetches comes in, however much it lacks': () =>
    replace(
      LeaderState,
      'expansion',
      () =>
        function (this: any, follower: { brokerId: number }) {
          if (this.pending || this.committed.includes(follower.brokerId) || !this.mayComeIn(follower)) return undefined
          return this.propose('expand', [...this.committed, follower.brokerId])
        },
    ),
  'a new leader does not note where its epoch begins': () =>
    replace(
      Partition,
      'becomeLeader',
      (original) =>
        function (this: Partition, term: LeaderTerm) {
          const undo = replace(LeaderEpochs, 'assign', () => () => {})
          original.call(this, term)
          undo()
        },
    ),
  'a leader does not say where the logs part': () =>
    replace(
      Partition,
      'followerFetches',
      (original) =>
        function (this: Partition, r: object, isNews: boolean) {
          return original.call(this, { ...r, lastFetchedEpoch: -1 }, isNews)
        },
    ),
  'a leader alone acknowledges before its disk has it': () => replace(LeaderState, 'mayBeAlone', () => () => false),
  'a follower believes a high watermark beyond what it has': () =>
    replace(
      Partition,
      'moveHighWatermark',
      (original) =>
        function (this: any, to: number) {
          original.call(this, this.isLeader ? to : to + 1)
        },
    ),
  'a sync counts for what was appended after a cut': () =>
    replace(
      SharedSync,
      'request',
      (original) =>
        function (this: any) {
          return this.current && this.current.target >= this.end() ? this.current.promise : original.call(this)
        },
    ),
}

describe('is convicted where', () => {
  test.each(Object.entries(mutants))(
    '%s',
    async (_, install) => {
      const undo = install()
      try {
        for (let seed = 1; seed <= 120; seed++)
          if ((await problemsOf(seed)).length > 0) {
            return
          }
      } finally {
        undo()
      }
      expect.fail('no seed has convicted it')
    },
    60_000,
  )
})
