/** What all plans share: sentences with codes, and what tells whether a plan still holds. */
import { createHash } from 'node:crypto'
import { ConsoleError } from './problems.ts'
import type { Note, PlanStep } from './shapes/plan.ts'

export const note = (level: Note['level'], code: string, message: string, values: Note['values'] = {}): Note => ({
  level,
  code,
  values,
  message,
})

/** What a plan was based on, short enough to be sent back. */
export const basisOf = (steps: readonly PlanStep[], more: string | null = null): string =>
  createHash('sha256')
    .update(JSON.stringify([steps, more]))
    .digest('base64url')
    .slice(0, 22)

/** The plan made now is not the one that was agreed to. */
export const outdated = (): ConsoleError =>
  new ConsoleError(
    'PLAN_OUTDATED',
    'What this plan was based on has changed since.',
    'Look at the new plan and apply that.',
  )
