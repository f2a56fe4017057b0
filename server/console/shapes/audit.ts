/** The audit log: who changed what, with before and after. */
import { z } from 'zod'
import { onCluster } from './cluster.ts'

export const auditInput = onCluster.extend({
  search: z.string().max(300).default(''),
  resourceType: z.enum(['topic', 'group', 'broker', 'cluster', 'process']).nullable().default(null),
  resourceName: z.string().max(1000).nullable().default(null),
  outcome: z.enum(['applied', 'failed']).nullable().default(null),
  page: z.number().int().min(1).default(1),
  perPage: z.number().int().min(1).max(200).default(50),
})
export type AuditInput = z.infer<typeof auditInput>
export const auditEntryInput = onCluster.extend({ id: z.string().min(1).max(60) })

export interface AuditRow {
  readonly id: string
  readonly atMs: number
  readonly who: string
  readonly sourceIp: string | null
  readonly action: string
  readonly resourceType: string
  readonly resourceName: string
  /** JSON values: what stood before and after, as the plan's steps. */
  readonly before: Json
  readonly after: Json
  readonly outcome: 'applied' | 'failed'
  readonly error: string | null
}
export interface AuditPage {
  readonly rows: readonly AuditRow[]
  readonly total: number
}
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }
