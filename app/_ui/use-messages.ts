'use client'
/** The table of the chosen language; see `translations.ts`. */
import { useLocale } from './preferences.tsx'
import type { Translations } from './translations.ts'

export function useMessages<T>(table: Translations<T>): T {
  return table[useLocale()]
}
