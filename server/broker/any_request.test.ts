/**
 * Requests that no client would send: every field of every API at random, from values that mean something somewhere. Whatever comes,
 * the broker answers or closes the connection, fails in no way of its own, and has the same topics and settings after a restart.
 */
import { describe, expect, test } from 'vitest'
import { SimRandom } from '../env/sim_random.ts'
import { resourceType } from '../metadata/image.ts'
import { anyRequest } from '../rpc/any_request.ts'
import { offeredVersions, served } from './apis/index.ts'
import { stage } from './testing.ts'

/** They wait: for records, for members, for a session to end. */
const WAITING = new Set(['Fetch', 'JoinGroup', 'SyncGroup', 'ConsumerGroupHeartbeat'])
describe.each([1, 2, 4])('requests at random, seed %i', (seed) => {
  test('are answered, and what they have done is there after a restart', async () => {
    const s = stage({ seed })
    await s.start()
    const random = new SimRandom(seed)
    const apis = [...served.values()].map((h) => h.api).filter((api) => !WAITING.has(api.name))
    for (let i = 0; i < 1_500; i++) {
      const api = apis[random.int(apis.length)]!
      const { lowest, highest } = offeredVersions(api)
      const version = lowest + random.int(highest - lowest + 1)
      const body = anyRequest(api, { version, random })
      // A Produce with acks=0 has no answer to wait for.
      if (api.name === 'Produce') (body as { acks: number }).acks = -1
      await s.ask(api, version, body as never).catch((error) => {
        if (!/closed the connection/.test(error.message)) throw new Error(`${api.name} v${version}: ${error.message}`)
      })
    }
    expect(s.lines.filter((line) => /unexpected|did not expect/.test(line))).toEqual([])
    const before = shown(s.broker)
    // It has done something.
    expect(before.topics.length).toBeGreaterThan(1)
    expect(before.configs.length).toBeGreaterThan(1)
    await s.stop()
    await s.start()
    expect(shown(s.broker)).toEqual(before)
  }, 60_000)
})

function shown({ controller: { image } }: ReturnType<typeof stage>['broker']) {
  return {
    topics: [...image.topics.values()].map((t) => [t.name, t.topicId, t.partitions.length]).sort(),
    configs: Object.values(resourceType).flatMap((type) =>
      [...(image.configs.get(type) ?? [])].map(([name, values]) => [type, name, [...values].sort()]),
    ),
    features: [...image.features].sort(),
    quotas: [...image.clientQuotas.keys()].sort(),
  }
}
