/**
 * Numbers, sizes, rates, durations and times as the console writes them. Pure: the language and the time zone are arguments;
 * components use them through `useFormat`. Figures are grouped the same way in both languages.
 */
import type { Locale } from './preferences-table.ts'
import { parseUnits } from './units.ts'

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** 3,204 */
export function formatInteger(n: number): string {
  return grouped.format(n)
}

/** At most `digits` after the point, grouped: 12.4, 3,204. */
export function formatNumber(n: number, digits = 1): string {
  return n.toLocaleString('en-US', { maximumFractionDigits: digits })
}

/** Three significant figures, as a column of measured values wants them: 0.42, 12.4, 3,204. */
function significant(n: number): string {
  const size = Math.abs(n)
  if (size >= 100 || n === 0) return formatNumber(n, 0)
  if (size >= 10) return formatNumber(n, 1)
  return formatNumber(n, 2)
}

const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
const decimal = ['B/s', 'kB/s', 'MB/s', 'GB/s', 'TB/s']

function scaled(n: number, base: number, units: string[]): string {
  let value = n
  let unit = 0
  // Compared after rounding, so that 1,023.9 KiB is written as 1 MiB and never as 1,024 KiB.
  while (unit < units.length - 1 && Math.round(Math.abs(value)) >= base) {
    value /= base
    unit++
  }
  return `${unit === 0 ? formatInteger(Math.round(value)) : significant(value)} ${units[unit]}`
}

/** A size in powers of 1,024: 512 B, 1.5 KiB, 420 MiB. */
export function formatBytes(bytes: number): string {
  return scaled(bytes, 1024, binary)
}

/** A rate of bytes in powers of 1,000, as networks and disks are sold: 12.4 MB/s. */
export function formatByteRate(bytesPerSecond: number): string {
  return scaled(bytesPerSecond, 1000, decimal)
}

/** 3,204; below ten with a decimal. */
export function formatRate(perSecond: number): string {
  return formatNumber(perSecond, Math.abs(perSecond) < 10 ? 1 : 0)
}

/** The same, as 3,204 msg/s. */
export function formatMessageRate(perSecond: number): string {
  return `${formatRate(perSecond)} msg/s`
}

/** 1.2 k, 3.4 M: for axes, where room is short. */
export function formatCompact(n: number): string {
  const size = Math.abs(n)
  if (size >= 1e9) return `${formatNumber(n / 1e9)} G`
  if (size >= 1e6) return `${formatNumber(n / 1e6)} M`
  if (size >= 1e4) return `${formatNumber(n / 1e3)} k`
  return formatNumber(n, size < 10 ? 2 : size < 100 ? 1 : 0)
}

const durationUnits: { ms: number; en: string; zh: string }[] = [
  { ms: 86_400_000, en: 'd', zh: '天' },
  { ms: 3_600_000, en: 'h', zh: '小时' },
  { ms: 60_000, en: 'min', zh: '分' },
  { ms: 1_000, en: 's', zh: '秒' },
]

/** The two largest units: 420 ms, 3 min 12 s, 7 d. Fractions of a millisecond below 10 ms: 0.42 ms. */
export function formatDuration(ms: number, locale: Locale = 'en'): string {
  if (ms < 0) return `−${formatDuration(-ms, locale)}`
  if (ms < 1_000)
    return `${ms < 10 && !Number.isInteger(ms) ? formatNumber(ms, 2) : Math.round(ms)} ${locale === 'zh' ? '毫秒' : 'ms'}`
  if (ms < 10_000 && ms % 1000 !== 0) return `${formatNumber(ms / 1000, 1)} ${durationUnits[3]![locale]}`
  const index = durationUnits.findIndex((u) => ms >= u.ms)
  const large = durationUnits[index]!
  const whole = Math.floor(ms / large.ms)
  const small = durationUnits[index + 1]
  const rest = small ? Math.floor((ms - whole * large.ms) / small.ms) : 0
  const first = `${formatInteger(whole)} ${large[locale]}`
  return rest > 0 ? `${first} ${rest} ${small![locale]}` : first
}

/** 12.5 % of a share between 0 and 1. */
export function formatPercent(share: number): string {
  return `${formatNumber(share * 100, share < 0.1 ? 2 : 1)}%`
}

/** 2025-03-01 14:03:22.125 in a zone; 'local' is the browser's. The same form in both languages: it sorts and can be pasted back. */
export function formatDateTime(ms: number, timeZone: string, withMs = false): string {
  if (!isTime(ms)) return String(ms)
  const p = timeParts(ms, timeZone)
  return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}:${p.second}${withMs ? `.${String(((ms % 1000) + 1000) % 1000).padStart(3, '0')}` : ''}`
}

/** 14:03:22 */
export function formatTimeOfDay(ms: number, timeZone: string, withSeconds = true): string {
  const p = timeParts(ms, timeZone)
  return withSeconds ? `${p.hour}:${p.minute}:${p.second}` : `${p.hour}:${p.minute}`
}

/** Whether a Date can hold it; Kafka's −1 for "no timestamp" is none. */
export function isTime(ms: number): boolean {
  return Number.isFinite(ms) && ms >= 0 && ms <= 8.64e15
}

const dateFormats = new Map<string, Intl.DateTimeFormat>()

function timeParts(ms: number, timeZone: string): Record<string, string> {
  let format = dateFormats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: timeZone === 'local' ? undefined : timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
    dateFormats.set(timeZone, format)
  }
  return Object.fromEntries(format.formatToParts(ms).map((p) => [p.type, p.value]))
}

/** The zone as it is shown beside a time: UTC, Europe/Berlin. */
export function zoneName(timeZone: string): string {
  return timeZone === 'local' ? Intl.DateTimeFormat().resolvedOptions().timeZone : timeZone
}

/**
 * A moment that somebody typed: ISO 8601 with or without zone (without: in `timeZone`), `2025-03-01`, `14:30` (today), epoch
 * seconds or milliseconds, `-15 min` (before now). Returns ms since the epoch, or undefined.
 */
export function parseDateTime(text: string, timeZone: string, nowMs: number): number | undefined {
  const t = text.trim()
  if (/^[-−]\s*\d/.test(t)) {
    const agoMs = parseUnits(t.replace(/^[-−]\s*/, ''), 'ms')
    return agoMs === undefined || /\d$/.test(t) ? undefined : nowMs - agoMs
  }
  if (/^\d{9,10}$/.test(t)) return Number(t) * 1000
  if (/^\d{11,15}$/.test(t)) return Number(t)
  if (/[zZ]$|[+-]\d\d:?\d\d$/.test(t) && /^\d{4}-\d\d-\d\d/.test(t)) {
    const ms = Date.parse(t.replace(' ', 'T'))
    return Number.isNaN(ms) ? undefined : ms
  }
  const today = timeParts(nowMs, timeZone)
  const m = /^(?:(\d{4})-(\d\d?)-(\d\d?))?(?:(?:^|[T ]+)(\d\d?):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?)?$/.exec(t)
  if (!m || t === '') return undefined
  const [year, month, day] = m[1] ? [m[1], m[2]!, m[3]!] : [today.year!, today.month!, today.day!]
  const [hour, minute, second] = [Number(m[4] ?? 0), Number(m[5] ?? 0), Number(m[6] ?? 0)]
  if (+month < 1 || +month > 12 || +day < 1 || +day > 31 || hour > 23 || minute > 59 || second > 59) return undefined
  const wall = Date.UTC(+year, +month - 1, +day, hour, minute, second, Number((m[7] ?? '0').padEnd(3, '0')))
  return wall - zoneOffsetMs(wall - zoneOffsetMs(wall, timeZone), timeZone)
}

/** How far a zone's clocks are ahead of UTC at a moment, in ms. */
function zoneOffsetMs(ms: number, timeZone: string): number {
  const p = timeParts(ms, timeZone)
  const wall = Date.UTC(+p.year!, +p.month! - 1, +p.day!, +p.hour!, +p.minute!, +p.second!)
  return wall - Math.floor(ms / 1000) * 1000
}
