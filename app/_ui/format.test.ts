import { describe, expect, it } from 'vitest'
import {
  formatByteRate,
  formatBytes,
  formatCompact,
  formatDateTime,
  formatDuration,
  formatInteger,
  formatMessageRate,
  formatPercent,
  parseDateTime,
} from './format.ts'

const check = <T>(write: (value: T) => string, rows: [T, string][]) => {
  for (const [value, text] of rows) expect(write(value), String(value)).toBe(text)
}

describe('numbers', () => {
  it('groups thousands', () =>
    check(formatInteger, [
      [3204, '3,204'],
      [0, '0'],
      [9007199254740991, '9,007,199,254,740,991'],
    ]))

  it('writes sizes in powers of 1,024 with three figures', () =>
    check(formatBytes, [
      [0, '0 B'],
      [1023, '1,023 B'],
      [1024, '1 KiB'],
      [1536, '1.5 KiB'],
      [430 * 1024 * 1024, '430 MiB'],
      [12.34 * 1024 ** 3, '12.3 GiB'],
    ]))

  it('never writes 1,024 of a unit where the next one fits', () => check(formatBytes, [[1024 * 1024 - 1, '1 MiB']]))

  it('writes rates of bytes in powers of 1,000', () =>
    check(formatByteRate, [
      [999, '999 B/s'],
      [12_400_000, '12.4 MB/s'],
      [999_999, '1 MB/s'],
    ]))

  it('writes rates of messages whole, and small ones with a decimal', () =>
    check(formatMessageRate, [
      [3204.4, '3,204 msg/s'],
      [0, '0 msg/s'],
      [0.25, '0.3 msg/s'],
    ]))

  it('shortens for axes', () =>
    check(formatCompact, [
      [1_400_000, '1.4 M'],
      [900, '900'],
      [45_000, '45 k'],
      [0, '0'],
    ]))

  it('writes shares in percent', () =>
    check(formatPercent, [
      [1, '100%'],
      [0.0926, '9.26%'],
      [0.5, '50%'],
    ]))
})

describe('durations', () => {
  it('uses the two largest units', () =>
    check(formatDuration, [
      [420, '420 ms'],
      [0.42, '0.42 ms'],
      [3_500, '3.5 s'],
      [192_000, '3 min 12 s'],
      [604_800_000, '7 d'],
      [90_000_000, '1 d 1 h'],
      [-5_000, '−5 s'],
    ]))

  it('says the units in Chinese', () => expect(formatDuration(192_000, 'zh')).toBe('3 分 12 秒'))
})

describe('times', () => {
  const now = Date.UTC(2025, 2, 1, 12, 0, 0)

  it('shows a moment in a zone', () => {
    expect(formatDateTime(now, 'UTC')).toBe('2025-03-01 12:00:00')
    expect(formatDateTime(now + 7, 'Asia/Shanghai', true)).toBe('2025-03-01 20:00:00.007')
  })

  it('shows midnight as 00, never 24', () =>
    expect(formatDateTime(Date.UTC(2025, 2, 2), 'UTC')).toBe('2025-03-02 00:00:00'))

  it('leaves what no date can hold as a number', () => expect(formatDateTime(-1, 'UTC')).toBe('-1'))

  it('reads what people type', () => {
    const rows: [string, string, number | undefined][] = [
      ['2025-03-01 14:30', 'UTC', Date.UTC(2025, 2, 1, 14, 30)],
      ['2025-03-01T14:30:05.250', 'UTC', Date.UTC(2025, 2, 1, 14, 30, 5, 250)],
      ['2025-03-01 14:30', 'Asia/Shanghai', Date.UTC(2025, 2, 1, 6, 30)],
      ['2025-07-01 14:30', 'Europe/Berlin', Date.UTC(2025, 6, 1, 12, 30)],
      ['2025-03-01', 'UTC', Date.UTC(2025, 2, 1)],
      ['14:30', 'UTC', Date.UTC(2025, 2, 1, 14, 30)],
      ['2025-03-01T14:30:00Z', 'Asia/Shanghai', Date.UTC(2025, 2, 1, 14, 30)],
      ['2025-03-01T14:30:00+02:00', 'UTC', Date.UTC(2025, 2, 1, 12, 30)],
      ['1740835800', 'UTC', 1740835800000],
      ['1740835800123', 'UTC', 1740835800123],
      ['-15 min', 'UTC', now - 900_000],
      ['-1h', 'UTC', now - 3_600_000],
      ['-15', 'UTC', undefined],
      ['25:00', 'UTC', undefined],
      ['2025-13-01', 'UTC', undefined],
      ['yesterday', 'UTC', undefined],
      ['', 'UTC', undefined],
    ]
    for (const [text, zone, ms] of rows) expect(parseDateTime(text, zone, now), `${text} ${zone}`).toBe(ms)
  })

  it('reads back what it shows, in any zone', () => {
    for (const zone of ['UTC', 'Asia/Kolkata', 'America/New_York', 'Pacific/Auckland']) {
      for (let ms = Date.UTC(2025, 0, 1); ms < Date.UTC(2025, 11, 31); ms += 86_400_000 * 9.37) {
        const whole = Math.floor(ms / 1000) * 1000
        expect(parseDateTime(formatDateTime(whole, zone), zone, now)).toBe(whole)
      }
    }
  })
})
