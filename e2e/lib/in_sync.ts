/** When a cluster is whole again: every broker is there, and every partition has a leader and all its replicas in sync. */
import { createClient, parseAddresses } from '../../server/client/client.ts'
import { nodeEnv } from '../../server/env/node.ts'
import type { Cluster } from './cluster.ts'
import { until } from './processes.ts'

/** Resolves with the number of partitions. All brokers must say so, since one that was away may not have heard yet. */
export async function inSync(cluster: Pick<Cluster, 'brokers' | 'address'>, limitMs = 60_000): Promise<number> {
  const env = nodeEnv()
  const clients = cluster.brokers.map((broker) =>
    createClient(env, {
      bootstrap: parseAddresses(cluster.address(broker)),
      requestTimeoutMs: 3_000,
      callTimeoutMs: 3_000,
    }),
  )
  let last = 'nobody answered'
  const whole = async () => {
    for (const { cluster: one } of clients) {
      try {
        const topics = await one.refresh(null)
        const partitions = topics.flatMap((topic) =>
          topic.partitions.map((p) => ({ ...p, name: `${topic.name}-${p.partition}` })),
        )
        const short = partitions.find((p) => p.leader < 0 || p.isr.length < p.replicas.length)
        last = `${one.metadata.brokers.size} brokers; ${short ? `${short.name} has the leader ${short.leader} and in sync ${short.isr} of ${short.replicas}` : 'all in sync'}`
        if (short || one.metadata.brokers.size < cluster.brokers.length) return undefined
        if (one === clients.at(-1)!.cluster) return partitions.length
      } catch (error) {
        last = (error as Error).message
        return undefined
      }
    }
    return undefined
  }
  try {
    return await until(whole, { what: 'the cluster in sync', limitMs })
  } catch (error) {
    throw new Error(`${(error as Error).message}: ${last}`)
  } finally {
    await Promise.all(clients.map((one) => one.close()))
  }
}
