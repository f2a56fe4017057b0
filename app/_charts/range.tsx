'use client'
/** The range of time that all charts of a page share; it stands in the address as `range`. */
import { Segments } from '../_ui/chips.tsx'
import { translations } from '../_ui/translations.ts'
import { oneOf, useUrlState } from '../_ui/url-state.ts'
import { useMessages } from '../_ui/use-messages.ts'

const rangesMs = {
  '5m': 300_000,
  '15m': 900_000,
  '1h': 3_600_000,
  '6h': 21_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
} as const
export type RangeName = keyof typeof rangesMs
const names = Object.keys(rangesMs) as RangeName[]
const table = { range: oneOf(names, '15m') }

const messages = translations(
  { label: 'Range of time', '5m': '5 min', '15m': '15 min', '1h': '1 h', '6h': '6 h', '24h': '24 h', '7d': '7 d' },
  { label: '时间范围', '5m': '5 分', '15m': '15 分', '1h': '1 小时', '6h': '6 小时', '24h': '24 小时', '7d': '7 天' },
)

export function useRange(): { name: RangeName; windowMs: number; set(name: RangeName): void } {
  const [{ range }, set] = useUrlState(table)
  return { name: range as RangeName, windowMs: rangesMs[range as RangeName], set: (next) => set({ range: next }) }
}

export function RangePicker() {
  const m = useMessages(messages)
  const range = useRange()
  return (
    <Segments
      label={m.label}
      value={range.name}
      onChange={range.set}
      options={names.map((n) => ({ value: n, label: m[n] }))}
    />
  )
}
