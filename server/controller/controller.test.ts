/** A controller as brokers and admin clients meet it: over its listener, on a simulated machine. */
import { describe, expect, test } from 'vitest'

import { errorCode } from '../protocol/errors.ts'

import { Fetch } from '../protocol/messages/01_fetch.ts'

import { batches } from '../records/batch.ts'
import { fetchRequest, join, partitionOf, stage } from './testing.ts'

const endOf = (records: readonly Buffer[]): number =>
  Math.max(...records.flatMap((r) => [...batches(r)].map((b) => b.nextOffset)))

describe('the metadata log by Fetch', () => {
  test('brings all that is committed, with the high watermark, the leader and where it is', async () => {
    const s = stage()
    const node = await s.start()
    const { leaderEpoch } = node.metadataLog
    const broker = s.peer('broker1')
    const answer = await broker.ask(Fetch, fetchRequest({ offset: 0, leaderEpoch }))
    const p = partitionOf(answer)
    expect(p.errorCode).toBe(errorCode.NONE)
    expect(p.highWatermark).toBe(node.metadataLog.highWatermark)
    expect(endOf([p.records as unknown as Buffer])).toBe(p.highWatermark)
    expect(p.currentLeader).toEqual({ leaderId: 3000, leaderEpoch })
    expect(answer.nodeEndpoints).toEqual([{ nodeId: 3000, host: 'controller', port: 9093, rack: null }])
  })

  test('a fetch that finds nothing waits, and is answered when something is committed', async () => {
    const s = stage()
    const node = await s.start()
    const { leaderEpoch, highWatermark } = node.metadataLog
    const broker = s.peer('broker1')
    const waiting = broker.send(
      Fetch,
      fetchRequest({ offset: highWatermark, lastFetchedEpoch: leaderEpoch, leaderEpoch, maxWaitMs: 5_000 }),
    )
    let answered = false
    waiting.then(() => (answered = true))
    await s.sim.time.runFor(1_000)
    expect(answered).toBe(false)
    const epoch = await join(s.peer('broker2'), 2, node.clusterId)
    await s.sim.time.runFor(10)
    expect(answered).toBe(true)
    expect(partitionOf(await waiting).highWatermark).toBeGreaterThan(epoch)
  })
})
