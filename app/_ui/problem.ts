'use client'
/** What went wrong, from whatever a query or a change failed with: a sentence, what to do, Kafka's name for it. */
import { useCallback } from 'react'
import type { Problem } from '../../server/console/problems.ts'
import { messages } from './common.ts'
import { useLocale } from './preferences.tsx'
import { problemsZh } from './problems-zh.ts'

export interface Failure {
  readonly message: string
  /** What to do about it. */
  readonly hint: string | null
  /** The server's own words, where `message` is a general sentence in the reader's language. */
  readonly detail: string | null
  /** Kafka's error name or the console's code; null if no server answered. */
  readonly code: string | null
}

export function useFailure(): (error: unknown) => Failure {
  const locale = useLocale()
  return useCallback(
    (error: unknown): Failure => {
      const problem = problemIn(error)
      if (!problem) return { message: messages[locale].error.unreachable, hint: null, detail: null, code: null }
      const { message, hint, code } = problem
      const zh = locale === 'zh' ? problemsZh[code] : undefined
      return zh ? { message: zh[0], hint: zh[1], detail: message, code } : { message, hint, detail: null, code }
    },
    [locale],
  )
}

/** The server's account of it, if it was the server that refused. */
export function problemIn(error: unknown): Problem | undefined {
  return (error as { data?: { problem?: Problem } | null } | null)?.data?.problem ?? undefined
}
