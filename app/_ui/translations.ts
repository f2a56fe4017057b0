/**
 * Messages in both languages, without a library: a table of strings and functions for each, of one type. A folder keeps its
 * own in `messages.ts`; a missing or superfluous key, or a function with other parameters, is a type error.
 *
 *   export const messages = translations({ title: 'Topics', found: (n: string) => `${n} topics` }, { title: '主题', found: … })
 *   const m = useMessages(messages)        in a component; `messages[locale]` on the server
 */
import type { Locale } from './preferences-table.ts'

export type Translations<T> = Record<Locale, T>

type Table = { readonly [key: string]: string | readonly string[] | ((...args: never[]) => string) | Table }

/** The shape of a table: its literals widened to string. */
type Shape<T> = T extends string
  ? string
  : T extends (...args: infer A) => string
    ? (...args: A) => string
    : T extends readonly string[]
      ? readonly string[]
      : { readonly [K in keyof T]: Shape<T[K]> }

export function translations<const T extends Table>(en: T, zh: Shape<T>): Translations<Shape<T>> {
  return { en: en as unknown as Shape<T>, zh }
}
