'use client'
/** Values in a formula's unit, written for people. */
import { useMemo } from 'react'
import { type InputName, inputs } from '../../../../server/console/models/inputs.ts'
import { useLocale } from '../../../_ui/preferences.tsx'
import { useFormat } from '../../../_ui/use-format.ts'

export type Write = (value: number, unit: string) => string

export function useFigures(): { write: Write; writeInput(value: number, name: InputName): string } {
  const f = useFormat()
  const locale = useLocale()
  return useMemo(() => {
    const write: Write = (value, unit) => {
      switch (unit) {
        case 'B':
          return value < 10 && !Number.isInteger(value) ? `${f.number(value, 2)} B` : f.bytes(value)
        case 'B/s':
          return f.byteRate(value)
        case 's':
          return seconds(value)
        case '0..1':
          return f.percent(value)
        case '1/s':
          return `${plain(value)}/s`
        case 'messages/s':
          return `${plain(value)} msg/s`
        default:
          return plain(value)
      }
    }
    const plain = (n: number) => (Math.abs(n) >= 1e6 ? f.compact(n) : f.number(n, Math.abs(n) < 10 ? 3 : 1))
    const seconds = (s: number) =>
      s !== 0 && Math.abs(s) < 1e-3 ? `${f.number(s * 1e6, 2)} ${locale === 'zh' ? '微秒' : 'µs'}` : f.duration(s * 1e3)
    return { write, writeInput: (value, name) => write(value, inputs[name].unit) }
  }, [f, locale])
}
