/** Brokers as the pages see them. */
import { z } from 'zod'
import { onCluster } from './cluster.ts'

export const brokerInput = onCluster.extend({ brokerId: z.number().int().min(0) })
export type BrokerInput = z.infer<typeof brokerInput>

export const alterBrokerConfigInput = brokerInput.extend({
  /** For all brokers (the cluster's default) instead of this one. */
  everywhere: z.boolean(),
  name: z.string().min(1).max(300),
  /** Null: what has been set there is taken away. */
  value: z.string().max(10_000).nullable(),
})
export const applyAlterBrokerConfigInput = alterBrokerConfigInput.extend({ basis: z.string() })
export type AlterBrokerConfigInput = z.infer<typeof alterBrokerConfigInput>
export type ApplyAlterBrokerConfig = z.infer<typeof applyAlterBrokerConfigInput>

export interface BrokerRow {
  readonly brokerId: number
  /** `fenced`: registered, and clients are not sent to it (it is down, starting or cut off). `absent`: only named by partitions. */
  readonly state: 'up' | 'fenced' | 'absent'
  /** Null: the cluster does not tell, of one that is not up. */
  readonly host: string | null
  readonly port: number | null
  readonly rack: string | null
  readonly leaders: number
  /** Partitions that it should lead: whose first replica it has. */
  readonly preferredLeaders: number
  readonly replicas: number
  /** Replicas it hosts that are not in sync. */
  readonly outOfSync: number
  /** Of what it leads, internal topics aside; null until looked at. */
  readonly recordsInPerSecond: number | null
  readonly bytesInPerSecond: number | null
  /** Bytes in its logs, as of the last look; null: not told. */
  readonly sizeBytes: number | null
}

/** The controllers, and who replicates the metadata from them. */
export interface QuorumState {
  /** -1: none is elected. */
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly nodes: readonly QuorumNode[]
}

export interface QuorumNode {
  readonly nodeId: number
  readonly role: 'leader' | 'voter' | 'observer'
  readonly logEndOffset: number
  /** Records of the metadata that it is behind the leader. */
  readonly lag: number
  /** ms since the epoch, by the leader's clock; null where unknown, as of the leader itself. */
  readonly lastFetchMs: number | null
  readonly lastCaughtUpMs: number | null
}

export interface LogDirRow {
  readonly path: string
  /** Kafka's error name, null if the folder is fine. */
  readonly error: string | null
  readonly partitions: number
  readonly sizeBytes: number
  /** Of the file system (KIP-827); null where the broker is too old to tell. */
  readonly totalBytes: number | null
  readonly usableBytes: number | null
  /** The largest first, at most 20. */
  readonly largest: readonly { readonly topic: string; readonly partition: number; readonly sizeBytes: number }[]
}
