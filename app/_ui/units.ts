/**
 * What people type for a duration or a size, as the number that Kafka's configuration wants: `7 d` → 604800000, `1 GiB` →
 * 1073741824. A number alone is taken in the config's own unit.
 */

export type UnitKind = 'ms' | 's' | 'bytes'

const durationsMs: Record<string, number> = {
  ms: 1,
  毫秒: 1,
  s: 1_000,
  sec: 1_000,
  秒: 1_000,
  min: 60_000,
  m: 60_000,
  分: 60_000,
  分钟: 60_000,
  h: 3_600_000,
  小时: 3_600_000,
  d: 86_400_000,
  天: 86_400_000,
  w: 604_800_000,
  周: 604_800_000,
}

const sizes: Record<string, number> = {
  b: 1,
  k: 1024,
  kb: 1000,
  kib: 1024,
  m: 1024 ** 2,
  mb: 1000 ** 2,
  mib: 1024 ** 2,
  g: 1024 ** 3,
  gb: 1000 ** 3,
  gib: 1024 ** 3,
  t: 1024 ** 4,
  tb: 1000 ** 4,
  tib: 1024 ** 4,
}

/** Returns an integer in the unit of `kind`, or undefined if the text cannot be read or names no whole number of it. */
export function parseUnits(text: string, kind: UnitKind): number | undefined {
  let rest = text
    .trim()
    .replaceAll(/(?<=\d)[,_](?=\d{3})/g, '')
    .toLowerCase()
  if (/^-?\d+$/.test(rest)) return Number(rest)
  const table = kind === 'bytes' ? sizes : durationsMs
  const per = kind === 's' ? 1_000 : 1
  let total = 0
  if (rest === '') return undefined
  while (rest !== '') {
    const m = /^(\d+(?:\.\d+)?)\s*([a-z\u4e00-\u9fff]+)\s*/.exec(rest)
    const factor = m ? table[m[2]!] : undefined
    if (!m || factor === undefined) return undefined
    total += Number(m[1]) * factor
    rest = rest.slice(m[0].length)
  }
  const value = total / per
  return Number.isInteger(Math.round(value)) && Math.abs(value - Math.round(value)) < 1e-9
    ? Math.round(value)
    : undefined
}
