/** A Kafka client: one cluster, its admin, its fetcher, and as many producers as are wanted. */
import type { Env } from '../env/env.ts'
import { type Admin, adminOf } from './admin.ts'
import { Cluster, type ClusterOptions } from './cluster.ts'
import type { Address } from './connection.ts'
import { Fetcher } from './fetcher.ts'
import { Producer, type ProducerOptions } from './producer.ts'

export interface Client {
  readonly cluster: Cluster
  readonly admin: Admin
  readonly fetcher: Fetcher
  producer(options?: ProducerOptions): Producer
  close(): Promise<void>
}

export function createClient(env: Env, options: ClusterOptions): Client {
  const cluster = new Cluster(env, options)
  return {
    cluster,
    admin: adminOf(cluster),
    fetcher: new Fetcher(cluster),
    producer: (producerOptions) => new Producer(cluster, producerOptions),
    close: () => cluster.close(),
  }
}

/** `host:port,host:port`, IPv6 addresses in brackets; the port defaults to 9092. A TypeError names what is wrong. */
export function parseAddresses(list: string): Address[] {
  const parts = list
    .split(',')
    .map((s) => s.trim())
    .filter((s) => s !== '')
  if (parts.length === 0) throw new TypeError('no broker address given')
  return parts.map((part) => {
    const m = /^(?:[A-Z_]+:\/\/)?(?:\[([^\]]+)\]|([^:\s/]+))(?::(\d+))?$/.exec(part)
    const port = m?.[3] === undefined ? 9092 : Number(m[3])
    if (!m || port < 1 || port > 65535) throw new TypeError(`not an address of the form host:port: ${part}`)
    return { host: (m[1] ?? m[2])!, port }
  })
}
