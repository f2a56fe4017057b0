/**
 * Java's .properties files: `key=value`, `key: value` or `key value`, comments behind # or !, lines continued by a
 * backslash, \uXXXX for what ISO-8859-1 lacks. Text in, text out: files are ISO-8859-1, and reading them is the caller's
 * business.
 */

export type Properties = Map<string, string>

/** The last of several values for one key counts. An escape that is broken stands for itself. */
export function parseProperties(text: string): Properties {
  const properties: Properties = new Map()
  for (const line of logicalLines(text)) {
    // The key ends at the first =, : or blank that no backslash stands before.
    const m = /^((?:\\.|[^\\=:\s])*)[ \t\f]*[=:]?[ \t\f]*(.*)$/s.exec(line)!
    properties.set(unescaped(m[1]!), unescaped(m[2]!))
  }
  return properties
}

/** One `key=value` a line, in the order of the map, readable by `parseProperties` and by Java. */
export const formatProperties = (properties: ReadonlyMap<string, string>): string =>
  [...properties].map(([key, value]) => `${escapeKey(key)}=${escapeValue(value)}\n`).join('')

/** Without comments and empty lines, continued lines joined, blanks in front removed. */
function logicalLines(text: string): string[] {
  const lines: string[] = []
  let open: string | null = null
  for (const natural of text.split(/\r\n|\n|\r/)) {
    const line: string = natural.replace(/^[ \t\f]+/, '')
    if (open === null && (line === '' || /^[#!]/.test(line))) continue
    const whole: string = (open ?? '') + line
    // An odd number of backslashes at the end: the last one joins the next line to this one.
    if (/\\*$/.exec(line)![0].length % 2 === 1) open = whole.slice(0, -1)
    else {
      lines.push(whole)
      open = null
    }
  }
  if (open !== null) lines.push(open)
  return lines
}

const ESCAPES: Record<string, string> = { t: '\t', n: '\n', r: '\r', f: '\f' }

const unescaped = (s: string): string =>
  s.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, hex: string | undefined, c: string) =>
    hex === undefined ? (ESCAPES[c] ?? c) : String.fromCharCode(Number.parseInt(hex, 16)),
  )

const escaped = (s: string): string =>
  s
    .replace(/[\\\t\n\r\f]/g, (c) => ({ '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r', '\f': '\\f' })[c]!)
    .replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()}`)

const escapeKey = (s: string): string => escaped(s).replace(/[ =:#!]/g, '\\$&')
const escapeValue = (s: string): string => escaped(s).replace(/^[ ]/, '\\ ')
