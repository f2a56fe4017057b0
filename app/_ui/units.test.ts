import { expect, it } from 'vitest'
import { parseUnits, type UnitKind } from './units.ts'

it('reads durations and sizes as the number that the config wants', () => {
  const rows: [string, UnitKind, number | undefined][] = [
    ['7 d', 'ms', 604_800_000],
    ['7d', 'ms', 604_800_000],
    ['1 h 30 min', 'ms', 5_400_000],
    ['1.5 s', 'ms', 1_500],
    ['2 天', 'ms', 172_800_000],
    ['90 min', 's', 5_400],
    ['500 ms', 's', undefined],
    ['604800000', 'ms', 604_800_000],
    ['604,800,000', 'ms', 604_800_000],
    ['-1', 'ms', -1],
    ['1 GiB', 'bytes', 1_073_741_824],
    ['1 GB', 'bytes', 1_000_000_000],
    ['512k', 'bytes', 524_288],
    ['1.5 MiB', 'bytes', 1_572_864],
    ['a week', 'ms', undefined],
    ['7 parsecs', 'ms', undefined],
    ['', 'bytes', undefined],
    ['1 d', 'bytes', undefined],
  ]
  for (const [text, kind, value] of rows) expect(parseUnits(text, kind), `${text} as ${kind}`).toBe(value)
})
