/**
 * What an audit entry keeps of before and after, as steps of one difference. Plans keep lists of `{ kind, subject, value }`;
 * other changes keep an object of facts, each of which is a step.
 */
import type { Json } from '../../../../server/console/shapes/audit.ts'
import type { DiffStep } from '../../../_ui/plan-diff.tsx'

interface Side {
  readonly kind: string | null
  readonly subject: string
  readonly value: string | null
}

/** In the order of before, then what only after has. What is null on both sides is left out. `facts`: words for names of facts. */
export function stepsOf(
  entry: { readonly before: Json; readonly after: Json },
  facts: Readonly<Record<string, string>> = {},
): readonly DiffStep[] {
  const steps = new Map<string, DiffStep>()
  const add = (which: 'before' | 'after') => (side: Side) => {
    const key = `${side.kind} ${side.subject}`
    const known = steps.get(key) ?? { kind: side.kind, subject: side.subject, before: null, after: null }
    steps.set(key, { ...known, [which]: side.value })
  }
  sides(entry.before).forEach(add('before'))
  sides(entry.after).forEach(add('after'))
  return [...steps.values()]
    .filter((step) => step.before !== null || step.after !== null)
    .map((step) => (step.kind === null ? { ...step, subject: facts[step.subject] ?? step.subject } : step))
}

function sides(json: Json): readonly Side[] {
  if (json === null) return []
  if (isList(json)) return json.flatMap((item) => (isRecord(item) ? [sideOf(item)] : []))
  if (isRecord(json)) {
    return Object.entries(json).map(([subject, value]) => ({ kind: null, subject, value: textOf(value) }))
  }
  return [{ kind: null, subject: '', value: textOf(json) }]
}

const sideOf = (item: { readonly [key: string]: Json }): Side => ({
  kind: textOf(item.kind ?? null),
  subject: textOf(item.subject ?? null) ?? '',
  value: textOf(item.value ?? null),
})

const textOf = (value: Json): string | null =>
  value === null ? null : typeof value === 'string' ? value : JSON.stringify(value)

const isList = (json: Json): json is readonly Json[] => Array.isArray(json)
const isRecord = (json: Json): json is { readonly [key: string]: Json } =>
  typeof json === 'object' && json !== null && !Array.isArray(json)

/** One step in a line: `retention.ms: 1000 → 2000`, `+ orders` for a topic that came to be, `− orders` for one that went. */
export function lineOf({ kind, subject, before, after }: DiffStep): string {
  if (before === null && after === subject) return `+ ${subject}`
  if (after === null && before === subject) return `− ${subject}`
  const value = before === null ? after : `${before} → ${after ?? '−'}`
  return `${subject || kind}: ${value}`
}
