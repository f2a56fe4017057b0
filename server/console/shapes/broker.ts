/** Brokers as the pages see them. */
import { z } from 'zod'
import { onCluster } from './cluster.ts'

export const brokerInput = onCluster.extend({ brokerId: z.number().int().min(0) })
export type BrokerInput = z.infer<typeof brokerInput>

export interface BrokerRow {
  readonly brokerId: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
  readonly controller: boolean
  readonly leaders: number
  readonly replicas: number
  /** Replicas it hosts that are not in sync. */
  readonly outOfSync: number
  /** Bytes in its logs; null: not told. */
  readonly sizeBytes: number | null
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
