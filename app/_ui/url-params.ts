/** How the values of a view are written into an address and read back; see `url-state.ts`. What cannot be read is the default. */

export interface Param<V> {
  readonly default: V
  /** Undefined: not readable. */
  read(text: string): V | undefined
  write(value: V): string
}

export type Values<T extends Record<string, Param<any>>> = { [K in keyof T]: T[K] extends Param<infer V> ? V : never }

export function text(initial = ''): Param<string> {
  return { default: initial, read: (t) => t, write: (v) => v }
}

export function integer<D extends number | null>(initial: D, min = 0): Param<number | D> {
  return {
    default: initial,
    read: (t) =>
      /^-?\d{1,16}$/.test(t) && Number.isSafeInteger(Number(t)) && Number(t) >= min ? Number(t) : undefined,
    write: String,
  }
}

export function flag(initial = false): Param<boolean> {
  return {
    default: initial,
    read: (t) => (t === '1' ? true : t === '0' ? false : undefined),
    write: (v) => (v ? '1' : '0'),
  }
}

export function oneOf<const T extends readonly string[]>(values: T, initial: T[number]): Param<T[number]> {
  return { default: initial, read: (t) => values.find((v) => v === t), write: (v) => v }
}

/** Comma-separated; commas within an element are escaped. */
export function list(): Param<readonly string[]> {
  return {
    default: [],
    read: (t) => (t === '' ? [] : t.split(/(?<!\\),/).map((e) => e.replaceAll('\\,', ',').replaceAll('\\\\', '\\'))),
    write: (v) => v.map((e) => e.replaceAll('\\', '\\\\').replaceAll(',', '\\,')).join(','),
  }
}

export function readParams<T extends Record<string, Param<any>>>(
  table: T,
  search: Pick<URLSearchParams, 'get'>,
): Values<T> {
  const values: Record<string, unknown> = {}
  for (const [name, param] of Object.entries(table)) {
    const written = search.get(name)
    values[name] = written === null ? param.default : (param.read(written) ?? param.default)
  }
  return values as Values<T>
}

/** Parameters that the table does not name stay. */
export function writeParams<T extends Record<string, Param<any>>>(
  table: T,
  search: URLSearchParams,
  change: Partial<Values<T>>,
): URLSearchParams {
  for (const [name, value] of Object.entries(change)) {
    const param = table[name]
    if (!param) continue
    const written = param.write(value)
    if (value === undefined || written === param.write(param.default)) search.delete(name)
    else search.set(name, written)
  }
  return search
}
