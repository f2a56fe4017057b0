/** Page titles in the visitor's language, for `generateMetadata`. */
import type { Metadata } from 'next'
import { cookies, headers } from 'next/headers'
import { type Preferences, readPreferences } from './preferences-table.ts'
import type { Translations } from './translations.ts'

export async function serverPreferences(): Promise<Preferences> {
  const [jar, head] = await Promise.all([cookies(), headers()])
  return readPreferences((name) => jar.get(name)?.value, head.get('accept-language') ?? '')
}

/** `Topics · Weir`; parts are shown from the most particular to the most general. */
export async function titled<T>(
  table: Translations<T>,
  pick: (messages: T) => string,
  ...before: string[]
): Promise<Metadata> {
  const { locale } = await serverPreferences()
  return { title: [...before, pick(table[locale])].join(' · ') }
}
