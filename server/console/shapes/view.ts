/** Saved views: a page's URL under a name. */
import { z } from 'zod'
import { onCluster } from './cluster.ts'

export const saveViewInput = onCluster.extend({
  name: z.string().trim().min(1, 'A view needs a name.').max(120),
  /** Page it belongs to: topics, messages, groups, models. */
  page: z.string().min(1).max(60),
  /** Path and query within the console: `/clusters/…?…`. */
  url: z
    .string()
    .max(4000)
    .regex(/^\/(?!\/)/, 'A view is a path within the console.'),
})
export const viewInput = onCluster.extend({ id: z.string().min(1).max(60) })
export const viewListInput = onCluster.extend({ page: z.string().max(60).nullable().default(null) })
export type SaveViewInput = z.infer<typeof saveViewInput>

export interface SavedViewRow {
  readonly id: string
  readonly name: string
  readonly page: string
  readonly url: string
  readonly createdBy: string
  readonly createdAtMs: number
}
