'use client'
/**
 * Sentences that the server writes in English with a code and values, in the reader's language. A code that is not in the
 * table is shown as the server wrote it.
 */
import { useCallback } from 'react'
import type { Note } from '../../server/console/shapes/plan.ts'
import { useLocale } from './preferences.tsx'

type Values = Readonly<Record<string, string | number>>

const zh: Readonly<Record<string, (v: Values) => string>> = {}

export function useNoteText(): (note: Note) => string {
  const locale = useLocale()
  return useCallback(
    (note: Note) => (locale === 'zh' ? (zh[note.code]?.(note.values) ?? note.message) : note.message),
    [locale],
  )
}
