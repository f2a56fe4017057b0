/**
 * Turns a message's description and a version into two straight-line functions, compiled on first use and kept.
 * `source(message, version)` prints them, so that a reader can see exactly what runs.
 *
 * A struct that may be null begins with int8 -1 (null) or 1, in a tagged field with 0 (null) or 1; strings, bytes and
 * arrays carry their nullness in their length; tagged fields are written in ascending order and only where they differ
 * from their default (KIP-482).
 */
import { defaultOf, type Field, type Fields, type Infer, type Input, type Message, within } from './schema.ts'
import { MalformedError, Reader, Writer } from './wire.ts'

export interface Codec<T, I = T> {
  decode(r: Reader): T
  encode(w: Writer, v: I): void
}

const cache = new WeakMap<object, (Codec<any> | undefined)[]>()

export function codec<F extends Fields>(m: Message<F>, version: number): Codec<Infer<Message<F>>, Input<Message<F>>> {
  let versions = cache.get(m)
  if (!versions) cache.set(m, (versions = []))
  return (versions[version] ??= compile(m, version))
}

/** Decodes the whole of `buf`; anything left over is malformed. */
export function decode<F extends Fields>(m: Message<F>, version: number, buf: Buffer): Infer<Message<F>> {
  const r = new Reader(buf)
  const value = codec(m, version).decode(r)
  if (r.remaining > 0) throw new MalformedError(`${r.remaining} bytes left after ${m.name} v${version}`)
  return value
}

export function encode<F extends Fields>(m: Message<F>, version: number, value: Input<Message<F>>): Buffer {
  const w = new Writer()
  codec(m, version).encode(w, value)
  return w.done()
}

/** What `codec` compiles, to be read. */
export function source(m: Message, version: number): string {
  return new Generator(version, within(version, m.flexible)).body(m.fields)
}

function compile(m: Message<any>, version: number): Codec<any> {
  if (!within(version, m.versions)) throw new RangeError(`${m.name} has no version ${version}, only ${m.versions}`)
  const g = new Generator(version, within(version, m.flexible))
  const body = `'use strict'\n${g.body(m.fields)}\n//# sourceURL=kafka-codec/${m.name}.v${version}.js`
  return new Function('Writer', 'MalformedError', 'D', body)(Writer, MalformedError, g.defaults)
}

class Generator {
  private readonly functions: string[] = []
  private readonly shared = new Set<string>()
  readonly defaults: unknown[] = []
  private id = 0

  constructor(
    private readonly version: number,
    private readonly flexible: boolean,
  ) {}

  body(fields: Fields): string {
    const decode = this.decodeStruct(fields)
    const encode = this.encodeStruct(fields, 'v')
    return `${this.functions.join('\n')}\nreturn { decode(r) { return ${decode} }, encode(w, v) { ${encode} } }`
  }

  // --- decode: each method returns an expression over `r` ---

  private decodeStruct(fields: Fields): string {
    const all = Object.entries(fields)
    // Names become part of a program: they come from our descriptions alone, never from a stranger.
    for (const [name] of all) if (!/^[a-zA-Z][a-zA-Z0-9]*$/.test(name)) throw new Error(`not a field name: ${name}`)
    const present = (f: Field) => this.present(f)
    const tagged = all.filter(([, f]) => present(f) && f.options.tag !== undefined)
    const lines = all.map(([name, f]) => {
      const read = present(f) && f.options.tag === undefined
      return `let $${name} = ${read ? this.decode(f) : this.default(f)}`
    })
    if (this.flexible) {
      const cases = tagged.map(([name, f]) => `case ${f.options.tag}: $${name} = ${this.decode(f)}; break`)
      lines.push(
        'for (let k = r.uvarint(); k > 0; k--) {',
        '  const tag = r.uvarint(), size = r.uvarint(), end = r.pos + size',
        "  if (size > r.remaining) throw new MalformedError('a tagged field longer than the message')",
        `  switch (tag) { ${cases.join('; ')} }`,
        "  if (r.pos > end) throw new MalformedError('a tagged field longer than it says')",
        '  r.pos = end',
        '}',
      )
    }
    lines.push(`return { ${all.map(([name]) => `${name}: $${name}`).join(', ')} }`)
    return `${this.fn('r', lines.join('\n'))}(r)`
  }

  private decode(f: Field): string {
    switch (f.kind) {
      case 'struct': {
        const read = this.decodeStruct(f.fields!)
        if (!this.nullable(f)) return read
        return `(${f.options.tag === undefined ? 'r.int8() < 0' : 'r.uvarint() === 0'} ? null : ${read})`
      }
      case 'array': {
        const least = this.leastSize(f.of!)
        if (least === 0) throw new Error('an array of nothing could claim any length')
        return `${this.fn(
          'r',
          [
            `const n = r.count(${this.length('int32')}, ${least})`,
            `if (n < 0) { ${this.nullOr(f)} }`,
            'const a = []',
            `for (let i = 0; i < n; i++) a.push(${this.decode(f.of!)})`,
            'return a',
          ].join('\n'),
        )}(r)`
      }
      case 'string':
        return this.decodeCounted(f, 'string', 'int16', 'r.string(n)')
      case 'bytes':
      case 'records':
        return this.decodeCounted(f, 'bytes', 'int32', 'r.slice(n)')
      default:
        return `r.${f.kind}()`
    }
  }

  private decodeCounted(f: Field, name: string, rigid: string, read: string): string {
    const fn = this.once(
      this.name('read', name, f),
      'r',
      `const n = ${this.length(rigid, f)}; if (n < 0) { ${this.nullOr(f)} } return ${read}`,
    )
    return `${fn}(r)`
  }

  private nullOr(f: Field): string {
    return this.nullable(f)
      ? "if (n < -1) throw new MalformedError('a negative length'); return null"
      : "throw new MalformedError('null where the version has none')"
  }

  // --- encode: each method returns statements over `w` and the expression `x` ---

  private encodeStruct(fields: Fields, x: string): string {
    const all = Object.entries(fields).filter(([, f]) => this.present(f))
    const plain = all.filter(([, f]) => f.options.tag === undefined)
    const tagged = all
      .filter(([, f]) => f.options.tag !== undefined)
      .sort((a, b) => a[1].options.tag! - b[1].options.tag!)
    const lines = plain.map(([name, f]) => this.encode(f, `(v.${name} === undefined ? ${this.default(f)} : v.${name})`))
    if (this.flexible && tagged.length === 0) lines.push('w.uvarint(0)')
    if (this.flexible && tagged.length > 0) {
      lines.push('let k = 0')
      for (const [name, f] of tagged) {
        lines.push(`const has_${name} = v.${name} !== undefined && !(${this.isDefault(f, `v.${name}`)})`)
        lines.push(`if (has_${name}) k++`)
      }
      lines.push('w.uvarint(k)')
      for (const [name, f] of tagged) {
        const write = this.encode(f, `v.${name}`)
        lines.push(
          `if (has_${name}) { const outer = w; { const w = new Writer(64); ${write}; outer.uvarint(${f.options.tag}); outer.uvarint(w.length); outer.bytes(w.done()) } }`,
        )
      }
    }
    return `${this.fn('w, v', lines.join('\n'))}(w, ${x})`
  }

  private encode(f: Field, x: string): string {
    switch (f.kind) {
      case 'struct': {
        if (!this.nullable(f)) return this.encodeStruct(f.fields!, x)
        const write = this.encodeStruct(f.fields!, 's')
        return `${this.fn('w, s', `if (s === null) w.int8(${f.options.tag === undefined ? -1 : 0}); else { w.int8(1); ${write} }`)}(w, ${x})`
      }
      case 'array': {
        const each = this.encode(f.of!, 'a[i]')
        const count = this.writeLength('a.length', 'int32')
        return `${this.fn('w, a', `${this.ifNull(f, 'a', 'int32')}${count}\nfor (let i = 0; i < a.length; i++) { ${each} }`)}(w, ${x})`
      }
      case 'string': {
        const body = `${this.ifNull(f, 's', 'int16')}const n = Buffer.byteLength(s)
if (n > 32767) throw new RangeError('a string of ' + n + ' bytes, 32767 is the most')
${this.writeLength('n', 'int16', f)}; w.utf8(s, n)`
        return `${this.once(this.name('write', 'string', f), 'w, s', body)}(w, ${x})`
      }
      case 'bytes': {
        const body = `${this.ifNull(f, 'b', 'int32')}${this.writeLength('b.length', 'int32')}; w.bytes(b)`
        return `${this.once(this.name('write', 'bytes', f), 'w, b', body)}(w, ${x})`
      }
      case 'records': {
        const body = [
          this.ifNull(f, 'b', 'int32'),
          `if (!Array.isArray(b)) { ${this.writeLength('b.length', 'int32')}; w.bytes(b); return }`,
          'let n = 0; for (let i = 0; i < b.length; i++) n += b[i].length',
          this.writeLength('n', 'int32'),
          'for (let i = 0; i < b.length; i++) w.bytes(b[i])',
        ].join('\n')
        return `${this.once('write_records', 'w, b', body)}(w, ${x})`
      }
      default:
        return `w.${f.kind}(${x})`
    }
  }

  private isDefault(f: Field, x: string): string {
    if (f.kind === 'struct') {
      if (this.nullable(f) && f.options.default === null) return `${x} === null`
      const same = Object.entries(f.fields!).map(
        ([name, g]) => `(${x}.${name} === undefined || ${this.isDefault(g, `${x}.${name}`)})`,
      )
      if (this.nullable(f)) same.unshift(`${x} !== null`)
      return same.join(' && ')
    }
    if (f.kind === 'array' || f.kind === 'bytes') {
      return defaultOf(f) === null ? `${x} === null` : `${x} !== null && ${x}.length === 0`
    }
    return `${x} === ${this.default(f)}`
  }

  // --- shared ---

  private present(f: Field): boolean {
    return within(this.version, f.options.versions)
  }
  private nullable(f: Field): boolean {
    return f.options.nullable !== undefined && within(this.version, f.options.nullable)
  }
  private compact(f?: Field): boolean {
    return this.flexible && f?.options.flexible !== 'none'
  }
  private length(rigid: string, f?: Field): string {
    return this.compact(f) ? 'r.uvarint() - 1' : `r.${rigid}()`
  }
  private writeLength(n: string, rigid: string, f?: Field): string {
    return this.compact(f) ? `w.uvarint(${n} + 1)` : `w.${rigid}(${n})`
  }
  /** Where a version has no null, one that a caller passes is a TypeError of the line that uses it. */
  private ifNull(f: Field, x: string, rigid: string): string {
    if (!this.nullable(f)) return ''
    return `if (${x} === null) { ${this.compact(f) ? 'w.uvarint(0)' : `w.${rigid}(-1)`}; return }\n`
  }
  private name(verb: string, kind: string, f: Field): string {
    return `${verb}_${this.compact(f) ? 'compact_' : ''}${kind}${this.nullable(f) ? '_or_null' : ''}`
  }

  /** The fewest bytes that a value of this field takes on the wire. */
  private leastSize(f: Field): number {
    switch (f.kind) {
      case 'bool':
      case 'int8':
        return 1
      case 'int16':
      case 'uint16':
        return 2
      case 'int32':
      case 'uint32':
        return 4
      case 'int64':
      case 'float64':
        return 8
      case 'uuid':
        return 16
      case 'string':
        return this.compact(f) ? 1 : 2
      case 'bytes':
      case 'records':
      case 'array':
        return this.flexible ? 1 : 4
      case 'struct': {
        if (this.nullable(f)) return 1
        const fields = Object.values(f.fields!).filter((g) => this.present(g) && g.options.tag === undefined)
        return fields.reduce((sum, g) => sum + this.leastSize(g), this.flexible ? 1 : 0)
      }
    }
  }

  private default(f: Field): string {
    const value = defaultOf(f)
    if (value === null || typeof value !== 'object') return JSON.stringify(value)
    // A fresh object each time: what decode returns may be changed by its reader.
    if (Array.isArray(value) && value.length === 0) return '[]'
    if (f.kind === 'struct') {
      return `{ ${Object.entries(f.fields!)
        .map(([name, g]) => `${name}: ${this.default(g)}`)
        .join(', ')} }`
    }
    this.defaults.push(value)
    return `D[${this.defaults.length - 1}]`
  }

  private fn(args: string, body: string): string {
    const name = `f${this.id++}`
    this.functions.push(`function ${name}(${args}) {\n${body}\n}`)
    return name
  }
  private once(name: string, args: string, body: string): string {
    if (!this.shared.has(name)) {
      this.shared.add(name)
      this.functions.push(`function ${name}(${args}) { ${body} }`)
    }
    return name
  }
}
