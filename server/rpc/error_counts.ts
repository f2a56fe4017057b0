/** Which error codes an answer holds, at whatever depth: found once from the description of the response, for every API alike. */
import { errorCode } from '../protocol/errors.ts'
import type { Field, Fields } from '../protocol/schema.ts'

type Walk = (value: Record<string, unknown>, found: (code: number) => void) => void

/** Calls `found` for every code but NONE. Undefined where a response has no place for errors. */
export function errorWalk(fields: Fields): Walk | undefined {
  const codes: string[] = []
  const inside: { readonly name: string; readonly walk: Walk; readonly many: boolean }[] = []
  for (const [name, field] of Object.entries(fields)) {
    if (field.kind === 'int16' && name.toLowerCase().endsWith('errorcode')) codes.push(name)
    const walk = errorWalk(structOf(field))
    if (walk) inside.push({ name, walk, many: field.kind === 'array' })
  }
  if (codes.length === 0 && inside.length === 0) return undefined
  return (value, found) => {
    for (const name of codes) {
      const code = value[name]
      // Left out means NONE.
      if (code !== errorCode.NONE && code !== undefined) found(code as number)
    }
    for (const { name, walk, many } of inside) {
      const part = value[name]
      if (part === null || part === undefined) continue
      if (many) for (const one of part as Record<string, unknown>[]) walk(one, found)
      else walk(part as Record<string, unknown>, found)
    }
  }
}

const structOf = (field: Field): Fields => (field.kind === 'array' ? (field.of?.fields ?? {}) : (field.fields ?? {}))
