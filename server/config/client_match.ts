/**
 * Selectors of clients, `client_id=app-.*,client_software_name=java`: each names something that is known of a client and a
 * regular expression for the whole of it (KIP-714). Expressions are RE2's: no pattern makes a client's name cost more than its length.
 */
import { RE2JS, RE2JSException } from 're2js'

/** What is known of a client, by the selectors' names. */
export const SELECTORS = [
  'client_instance_id',
  'client_id',
  'client_software_name',
  'client_software_version',
  'client_source_address',
  'client_source_port',
] as const

export type Selector = (typeof SELECTORS)[number]
export type ClientFacts = Readonly<Record<Selector, string>>
type Pattern = readonly [selector: Selector, pattern: RE2JS]

/** What stands in one item of `match`, or the item that makes no sense as `wrong`. */
export function parseMatch(items: readonly string[]): { patterns: readonly Pattern[]; wrong?: string } {
  const patterns: Pattern[] = []
  for (const item of items) {
    const at = item.indexOf('=')
    const selector = SELECTORS.find((s) => s === item.slice(0, at).trim())
    const pattern = at < 0 || selector === undefined ? undefined : compiled(item.slice(at + 1).trim())
    if (selector === undefined || pattern === undefined) return { patterns, wrong: item }
    patterns.push([selector, pattern])
  }
  return { patterns }
}

export const matches = (patterns: readonly Pattern[], client: ClientFacts): boolean =>
  patterns.every(([selector, pattern]) => pattern.matches(client[selector]))

function compiled(pattern: string): RE2JS | undefined {
  if (pattern === '') return undefined
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    if (error instanceof RE2JSException) return undefined
    throw error
  }
}
