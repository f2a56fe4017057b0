'use client'
/** The view of messages as its address says it, and what it asks of the server. */
import { useMemo } from 'react'
import { flag, integer, list, oneOf, text, useUrlState } from '../../../../../_ui/url-state.ts'
import { useFormat } from '../../../../../_ui/use-format.ts'
import { parsePartitions } from '../_actions/partition-list.ts'
import type { BrowseInput } from './use-browse.ts'

export const fromChoices = ['newest', 'oldest', 'offset', 'time', 'live'] as const
export type From = (typeof fromChoices)[number]
export const places = ['key', 'value', 'headers'] as const
export type Place = (typeof places)[number]
export const limits = [50, 100, 200, 500] as const

const urlTable = {
  from: oneOf(fromChoices, 'newest'),
  /** Where `from` is offset or time. */
  offset: integer(0),
  time: text(),
  /** Partitions as a list: 0, 2-5. Empty: all. */
  p: text(),
  q: text(),
  /** Where the text is looked for; empty: everywhere. */
  in: list(),
  case: flag(),
  limit: integer(50, 1),
  committed: flag(),
  /** The record at the side. */
  open: text(),
  produce: flag(),
}

export function useView(cluster: string, topic: string) {
  const [url, setUrl] = useUrlState(urlTable)
  const f = useFormat()
  // Only what matters for reading: opening a record must not read the list again.
  const key = JSON.stringify([
    cluster,
    topic,
    url.from,
    url.offset,
    url.time,
    url.p,
    url.q,
    url.in,
    url.case,
    url.limit,
    url.committed,
  ])

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key holds all that is read here
  const input = useMemo((): BrowseInput | null => {
    const timestampMs = url.from === 'time' ? f.parseDateTime(url.time) : undefined
    if (url.from === 'time' && timestampMs === undefined) return null
    const within = places.filter((place) => url.in.includes(place))
    return {
      cluster,
      topic,
      partitions: url.p === '' ? null : parsePartitions(url.p, 1_000_000),
      from:
        url.from === 'offset'
          ? { kind: 'offset', offset: url.offset }
          : url.from === 'time'
            ? { kind: 'timestamp', timestampMs: timestampMs! }
            : { kind: url.from },
      filter:
        url.q === '' ? null : { text: url.q, in: within.length > 0 ? within : [...places], caseSensitive: url.case },
      limit: Math.min(url.limit, 500),
      readCommitted: url.committed,
    }
  }, [key])
  return { url, setUrl, input }
}

export type View = ReturnType<typeof useView>
