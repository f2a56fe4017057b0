'use client'
/** The formats of `format.ts` in the chosen language and time zone, and the current time for relative ones. */
import { useMemo, useSyncExternalStore } from 'react'
import { messages } from './common.ts'
import * as format from './format.ts'
import { usePreferences } from './preferences.tsx'

export function useFormat() {
  const { locale, timeZone } = usePreferences()
  // The server does not know the browser's zone.
  const zone = useHydrated() || timeZone !== 'local' ? format.zoneName(timeZone) : '…'
  return useMemo(() => {
    const m = messages[locale].time
    return {
      integer: format.formatInteger,
      number: format.formatNumber,
      bytes: format.formatBytes,
      byteRate: format.formatByteRate,
      rate: format.formatRate,
      messageRate: format.formatMessageRate,
      compact: format.formatCompact,
      percent: format.formatPercent,
      duration: (ms: number) => format.formatDuration(ms, locale),
      dateTime: (ms: number, withMs?: boolean) => format.formatDateTime(ms, timeZone, withMs),
      timeOfDay: (ms: number, withSeconds?: boolean) => format.formatTimeOfDay(ms, timeZone, withSeconds),
      zone,
      timeZone,
      parseDateTime: (text: string) => format.parseDateTime(text, timeZone, Date.now()),
      /** 3 min ago. */
      relative(ms: number, nowMs: number): string {
        const age = nowMs - ms
        if (Math.abs(age) < 1_500) return m.now
        const coarse = Math.abs(age) < 60_000 ? 1_000 : Math.abs(age) < 3_600_000 ? 60_000 : 3_600_000
        const words = format.formatDuration(Math.max(coarse, Math.floor(Math.abs(age) / coarse) * coarse), locale)
        return age > 0 ? m.ago(words) : m.in(words)
      },
    }
  }, [locale, timeZone, zone])
}

// One ticker for every relative time on the page: they change together.
let nowMs = Date.now()
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    nowMs = Date.now()
    for (const tell of listeners) tell()
  }, 5_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }
}

/** The time, moved on every five seconds. */
export function useNow(): number {
  return useSyncExternalStore(
    subscribe,
    () => {
      if (Date.now() - nowMs > 5_000) nowMs = Date.now()
      return nowMs
    },
    () => nowMs,
  )
}

const never = () => () => {}

/** False while the server's HTML is being taken over, then true: for what only the browser knows. */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  )
}
