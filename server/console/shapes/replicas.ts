/** Who has the replicas of partitions, and who leads them: what may be asked for, and what is under way. */
import { z } from 'zod'
import { onCluster } from './cluster.ts'

const topic = z.string().min(1).max(249)
const basis = z.object({ basis: z.string() })

/** Null: of all topics. */
export const electInput = onCluster.extend({ topic: topic.nullable() })
export const applyElectInput = electInput.extend(basis.shape)

export const reassignInput = onCluster.extend({
  topic,
  /** Null: all of them. */
  partitions: z.array(z.number().int().min(0)).min(1).max(100_000).nullable(),
  replicationFactor: z.number().int().min(1).max(100),
  /** Node ids of those that may have replicas. */
  brokers: z.array(z.number().int().min(0)).min(1).max(1_000),
})
export const applyReassignInput = reassignInput.extend(basis.shape)

export const reassignmentsInput = onCluster.extend({ topic })
export const applyCancelInput = reassignmentsInput.extend(basis.shape)

export type ElectInput = z.infer<typeof electInput>
export type ApplyElect = z.infer<typeof applyElectInput>
export type ReassignInput = z.infer<typeof reassignInput>
export type ApplyReassign = z.infer<typeof applyReassignInput>
export type ReassignmentsInput = z.infer<typeof reassignmentsInput>
export type ApplyCancel = z.infer<typeof applyCancelInput>

/** A partition whose replicas are being moved. */
export interface OngoingMove {
  readonly partition: number
  /** Node ids, until it is done. */
  readonly adding: readonly number[]
  readonly removing: readonly number[]
  /** How much of the leader's log the added replicas have, 0 to 1; null where sizes are not told. */
  readonly copied: number | null
}
