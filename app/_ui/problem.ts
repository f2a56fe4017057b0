/** What went wrong, from whatever a query or a change failed with: a sentence, what to do, Kafka's name for it. */
import type { Problem } from '../../server/console/problems.ts'

export interface Failure {
  readonly message: string
  readonly hint: string | null
  /** Kafka's error name or the console's code; null if no server answered. */
  readonly code: string | null
  readonly fields: readonly { readonly field: string; readonly message: string }[]
}

export function failureOf(error: unknown, unreachable: string): Failure {
  const problem = problemIn(error)
  if (problem) return { message: problem.message, hint: problem.hint, code: problem.code, fields: problem.fields }
  return { message: unreachable, hint: null, code: null, fields: [] }
}

export function problemIn(error: unknown): Problem | undefined {
  return (error as { data?: { problem?: Problem } | null } | null)?.data?.problem ?? undefined
}
