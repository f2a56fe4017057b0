/** Brokers of a cluster: who is there, what they lead and hold, their configs and log folders. */
import { KafkaError } from '../protocol/errors.ts'
import type { ClusterConnection } from './cluster/connection.ts'
import type { BrokersService } from './service.ts'
import type { BrokerInput, BrokerRow, LogDirRow } from './shapes/broker.ts'
import type { ConfigEntry } from './shapes/topic.ts'
import { configsOf } from './topics/configs.ts'

const LARGEST = 20
const CONTROLLER_KEEP_MS = 5_000

export class Brokers implements BrokersService {
  private controller: { id: number | null; atMs: number } | undefined

  constructor(private readonly connection: ClusterConnection) {}

  readonly list = async (): Promise<readonly BrokerRow[]> => {
    const snapshot = await this.connection.metadata()
    const [controllerId, logDirs] = await Promise.all([
      this.controllerId(),
      this.connection.client.admin.describeLogDirs().catch(() => []),
    ])
    const counts = new Map<number, { leaders: number; replicas: number; outOfSync: number }>()
    const of = (id: number) => {
      const known = counts.get(id) ?? { leaders: 0, replicas: 0, outOfSync: 0 }
      counts.set(id, known)
      return known
    }
    for (const t of snapshot.topics) {
      for (const p of t.partitions) {
        if (p.leader >= 0) of(p.leader).leaders++
        for (const r of p.replicas) {
          of(r).replicas++
          if (!p.isr.includes(r)) of(r).outOfSync++
        }
      }
    }
    return snapshot.brokers.map((b) => {
      const dirs = logDirs.find((d) => d.broker === b.id)
      const sizes = dirs && !dirs.error ? dirs.logDirs.flatMap((d) => d.partitions.map((p) => p.sizeBytes)) : null
      return {
        brokerId: b.id,
        host: b.host,
        port: b.port,
        rack: b.rack,
        controller: b.id === controllerId,
        ...of(b.id),
        sizeBytes: sizes ? sizes.reduce((x, y) => x + y, 0) : null,
      }
    })
  }

  /** In KRaft mode metadata names any broker; the quorum knows its leader. */
  async controllerId(): Promise<number | null> {
    const nowMs = this.connection.nowMs()
    if (this.controller && nowMs - this.controller.atMs < CONTROLLER_KEEP_MS) return this.controller.id
    const kraft = (await this.connection.apis()).some((a) => a.name === 'DescribeQuorum')
    const id = kraft
      ? await this.connection.client.admin.describeQuorum().then(
          (q) => q.leaderId,
          () => null,
        )
      : (await this.connection.metadata()).controllerId
    this.controller = { id, atMs: nowMs }
    return id
  }

  readonly configs = ({ brokerId }: BrokerInput): Promise<readonly ConfigEntry[]> =>
    configsOf(this.connection, { type: 'broker', name: String(brokerId) })

  readonly logDirs = async ({ brokerId }: BrokerInput): Promise<readonly LogDirRow[]> => {
    const [answer] = await this.connection.client.admin.describeLogDirs({ brokers: [brokerId] })
    if (!answer) throw new KafkaError('BROKER_NOT_AVAILABLE')
    if (answer.error) throw answer.error
    return answer.logDirs.map((d) => ({
      path: d.path,
      error: d.error?.error ?? null,
      partitions: d.partitions.length,
      sizeBytes: d.partitions.reduce((n, p) => n + p.sizeBytes, 0),
      totalBytes: d.totalBytes,
      usableBytes: d.usableBytes,
      largest: [...d.partitions]
        .sort((a, b) => b.sizeBytes - a.sizeBytes)
        .slice(0, LARGEST)
        .map(({ topic, partition, sizeBytes }) => ({ topic, partition, sizeBytes })),
    }))
  }
}
