/**
 * Requests that no broker would send, to a controller: it answers or closes the connection, fails in no way of its own, goes on leading, and
 * has the same image after a restart.
 */
import { describe, expect, test } from 'vitest'
import { SimRandom } from '../env/sim_random.ts'
import { supportedFeatures } from '../metadata/features.ts'
import { toRecords } from '../metadata/image/to_records.ts'
import { anyRequest } from '../rpc/any_request.ts'
import { served, versionsOf } from './apis/served.ts'
import { heartbeat, join, stage } from './testing.ts'

describe.each([1, 2, 3])('requests at random, seed %i', (seed) => {
  test('are answered, and what they have done is there after a restart', async () => {
    const s = stage({ seed })
    const node = await s.start()
    const random = new SimRandom(seed)
    const apis = [...served.values()].map((h) => h.api)
    const broker = s.peer('broker2')
    const brokerEpoch = await join(broker, 2, node.clusterId)
    const { leaderEpoch } = node.metadataLog
    const mostly = {
      ...{ clusterId: node.clusterId, features: supportedFeatures(), brokerEpoch, replicationFactor: 1, brokerId: 2 },
      ...{ currentLeaderEpoch: leaderEpoch, partition: 0, partitionIndex: 0 },
      ...{ numPartitions: 2, name: 'orders' },
      ...{
        topic: '__cluster_metadata',
        topicName: '__cluster_metadata',
        wantFence: false,
        assignments: [],
        configs: [],
        validateOnly: false,
      },
    }
    const answers = new Map<string, number>()
    for (let i = 0; i < 1_500; i++) {
      // One lives, whatever strangers say in its name.
      if (i % 10 === 0) {
        const known = node.controller.image.brokers.get(2)
        if (known === undefined) await join(broker, 2, node.clusterId)
        else await heartbeat(broker, 2, known.brokerEpoch)
      }
      const api = apis[random.int(apis.length)]!
      const { lowest, highest } = versionsOf(api)
      const version = lowest + random.int(highest - lowest + 1)
      const body = anyRequest(api, { version, random, mostly })
      try {
        await s.peer(`stranger-${i}`).ask(api, body, version)
        answers.set(api.name, (answers.get(api.name) ?? 0) + 1)
      } catch (error) {
        if (!/closed the connection/.test((error as Error).message))
          throw new Error(`${api.name} v${version}: ${error}`)
      }
    }
    expect(s.lines.filter((line) => /unexpected|did not expect/.test(line))).toEqual([])
    expect([...served.values()].map((h) => h.api.name).filter((name) => !answers.has(name))).toEqual([])
    expect(node.metadataLog.leaderEpoch).toBe(leaderEpoch)
    await s.sim.time.runFor(20_000)
    const before = [...toRecords(node.controller.image)]
    expect(before.some((r) => r.name === 'TopicRecord')).toBe(true)
    await s.stop()
    const again = await s.start()
    const after = [...toRecords(again.controller.image)]
    const kept = (records: typeof before) => records.filter((r) => r.name !== 'RegisterControllerRecord')
    expect(kept(after)).toEqual(kept(before))
  }, 60_000)
})
