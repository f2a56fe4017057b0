/**
 * What people type for a formula's input, as a number in that input's unit: `1.5 KiB`, `100 MB/s`, `1 Gbit/s`, `250 ms`, `12 k`.
 * A number alone is in the unit itself. Negative numbers are read: the formula says by name why it refuses them.
 */
import type { InputName, inputs } from '../../../../server/console/models/inputs.ts'

export type Unit = (typeof inputs)[InputName]['unit']

const kilo: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 }
const kibi: Readonly<Record<string, number>> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 }

const seconds: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  毫秒: 1e-3,
  s: 1,
  秒: 1,
  min: 60,
  分: 60,
  h: 3_600,
  小时: 3_600,
  d: 86_400,
  天: 86_400,
}

/** Undefined: it cannot be read. */
export function parseInput(text: string, unit: Unit): number | undefined {
  const plain = text
    .trim()
    .replaceAll(/(?<=\d)[,_](?=\d{3})/g, '')
    .replace('−', '-')
  const m = /^(-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(\D*)$/i.exec(plain)
  if (!m) return undefined
  const factor = factorOf(m[2]!.trim(), unit)
  return factor === undefined ? undefined : Number(m[1]) * factor
}

function factorOf(suffix: string, unit: Unit): number | undefined {
  if (suffix === '') return 1
  if (unit === 's') return seconds[suffix.toLowerCase()]
  if (unit === 'B') return bytes(suffix)
  if (unit === 'B/s') {
    const amount = /^(.*?)\s*(?:\/s|ps)$/i.exec(suffix)?.[1] ?? suffix
    const bits = /^([kmgt]?)bits?$/i.exec(amount)
    return bits ? kilo[bits[1]!.toLowerCase()]! / 8 : bytes(amount)
  }
  const count = /^([kmgt]?)\s*(?:msg\/s|messages?(?:\/s)?|\/s)?$/i.exec(suffix)
  return count ? kilo[count[1]!.toLowerCase()] : undefined
}

/** `kB` and `MB` are powers of 1,000, `KiB` and `MiB` of 1,024, as is a bare letter. */
function bytes(suffix: string): number | undefined {
  const m = /^([kmgt]?)(i?)(b?)$/i.exec(suffix)
  if (!m) return undefined
  const letter = m[1]!.toLowerCase()
  if (letter === '') return m[2] ? undefined : 1
  return m[2] || !m[3] ? kibi[letter] : kilo[letter]
}

/** Short enough for an address and a field, exact enough to draw the same. */
export const writeInput = (value: number): string => String(Number(value.toPrecision(10)))
