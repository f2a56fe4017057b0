'use client'
/** A moment as "3 min ago", with the absolute time and its zone on hover; or the other way round. */
import { Tip } from './tip.tsx'
import { useFormat, useNow } from './use-format.ts'

export function RelativeTime({ ms }: { ms: number }) {
  const format = useFormat()
  const now = useNow()
  return (
    <Tip text={`${format.dateTime(ms, true)} ${format.zone}`}>
      <time dateTime={new Date(ms).toISOString()} className="whitespace-nowrap">
        {format.relative(ms, now)}
      </time>
    </Tip>
  )
}
