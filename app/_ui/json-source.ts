/**
 * JSON read without loss: every value keeps its place in the source text, so that numbers stay as they were written (int64,
 * 1.10, 1e400), keys may come twice and keep their order. `JSON.parse` would round and merge.
 */

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null'

export interface JsonNode {
  readonly kind: JsonKind
  /** Place in the source, end exclusive. */
  readonly start: number
  end: number
  /** Members of an object or elements of an array, in their order. */
  readonly children?: JsonMember[]
}

export interface JsonMember {
  /** The key as it is written in the source, with quotes; null in an array. */
  readonly key: string | null
  readonly node: JsonNode
}

const space = /[ \t\n\r]*/y
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
// Control characters are not allowed in JSON, but are no reason to refuse to show it.
const string = /"(?:[^"\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const words = { true: /true/y, false: /false/y, null: /null/y } as const

/** Undefined if the text is not JSON. Depth is no concern: the nesting is kept in a list, not on the call stack. */
export function parseJsonSource(source: string): JsonNode | undefined {
  const open: JsonNode[] = []
  let at = 0
  let root: JsonNode | undefined

  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(source)
    if (!found) return undefined
    at = pattern.lastIndex
    return found[0]
  }

  /** Reads a key if an object is open, then a value; an object or array is opened and filled by the loop. */
  function value(): boolean {
    const inside = open.at(-1)
    let key: string | null = null
    if (inside?.kind === 'object') {
      const written = take(string)
      if (written === undefined) return false
      key = written
      take(space)
      if (source[at] !== ':') return false
      at++
      take(space)
    }
    const start = at
    let node: JsonNode | undefined
    const c = source[at]
    if (c === '{' || c === '[') {
      at++
      node = { kind: c === '{' ? 'object' : 'array', start, end: start, children: [] }
    } else if (c === '"') {
      if (take(string) !== undefined) node = { kind: 'string', start, end: at }
    } else if (c === 't' || c === 'f' || c === 'n') {
      const kind = c === 't' ? 'true' : c === 'f' ? 'false' : 'null'
      if (take(words[kind]) !== undefined) node = { kind, start, end: at }
    } else if (take(number) !== undefined) node = { kind: 'number', start, end: at }
    if (!node) return false
    if (inside) inside.children!.push({ key, node })
    else root = node
    if (node.children) open.push(node)
    return true
  }

  take(space)
  if (!value()) return undefined
  for (;;) {
    const inside = open.at(-1)
    if (!inside) break
    take(space)
    const close = inside.kind === 'object' ? '}' : ']'
    if (source[at] === close) {
      at++
      inside.end = at
      open.pop()
      continue
    }
    if (inside.children!.length > 0) {
      if (source[at] !== ',') return undefined
      at++
      take(space)
    }
    if (!value()) return undefined
  }
  take(space)
  return at === source.length ? root : undefined
}

/** The source set out over lines with two spaces of indent, values untouched. */
export function prettyJson(source: string, node: JsonNode): string {
  const out: string[] = []
  const walk: (string | { node: JsonNode; indent: string })[] = [{ node, indent: '' }]
  while (walk.length > 0) {
    const next = walk.pop()!
    if (typeof next === 'string') {
      out.push(next)
      continue
    }
    const { node: at, indent } = next
    if (!at.children || at.children.length === 0) {
      out.push(at.children ? (at.kind === 'object' ? '{}' : '[]') : source.slice(at.start, at.end))
      continue
    }
    const inner = `${indent}  `
    out.push(at.kind === 'object' ? '{' : '[')
    walk.push(`\n${indent}${at.kind === 'object' ? '}' : ']'}`)
    for (let i = at.children.length - 1; i >= 0; i--) {
      const member = at.children[i]!
      walk.push({ node: member.node, indent: inner })
      walk.push(`${i > 0 ? ',' : ''}\n${inner}${member.key === null ? '' : `${member.key}: `}`)
    }
  }
  return out.join('')
}
