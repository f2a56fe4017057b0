'use client'
/**
 * Reads messages by a stream of events: one page, the following ones on demand, or live. Events are gathered for a frame of
 * the screen, so that a fast topic does not redraw the list for every batch.
 */
import { useCallback, useEffect, useReducer, useRef, useState } from 'react'
import { connectionStore } from '../../../../../_ui/connection-store.ts'
import { problemIn } from '../../../../../_ui/problem.ts'
import { type Inputs, useTRPCClient } from '../../../../../_ui/trpc.tsx'
import { type BrowseEvent, browse, nothingRead } from './browse-state.ts'

export type BrowseInput = Inputs['messages']['browse']

export function useBrowse(
  /** Null: not known yet what to read. Must be the same object as long as the view is the same. */
  input: BrowseInput | null,
  { paused, hold }: { paused: boolean; hold: boolean },
) {
  const client = useTRPCClient()
  const [state, dispatch] = useReducer(browse, nothingRead)
  const [cursor, setCursor] = useState<string | null>(null)
  const [attempt, setAttempt] = useState(0)
  const how = useRef({ paused, hold })
  how.current = { paused, hold }
  const asked = useRef<BrowseInput | null>(null)

  useEffect(() => {
    if (!hold) dispatch({ do: 'release' })
  }, [hold])
  useEffect(() => {
    if (!paused) dispatch({ do: 'resume' })
  }, [paused])

  // biome-ignore lint/correctness/useExhaustiveDependencies: an attempt is a reason to read again
  useEffect(() => {
    if (input === null) return
    if (asked.current !== input) {
      // Another view: its first page, whatever cursor the last one stood at.
      asked.current = input
      dispatch({ do: 'restart' })
      if (cursor !== null) {
        setCursor(null)
        return
      }
    }
    let waiting: BrowseEvent[] = []
    let frame = 0
    const flush = () => {
      frame = 0
      const events = waiting
      waiting = []
      for (const event of joined(events)) dispatch({ do: 'event', event, ...how.current })
    }
    const subscription = client.messages.browse.subscribe(
      { ...input, cursor },
      {
        onData: ({ data }) => {
          waiting.push(data as BrowseEvent)
          if (data.type === 'done') {
            flush()
            subscription.unsubscribe()
          } else if (frame === 0) {
            // A hidden page draws no frames, but its list goes on.
            frame = document.hidden ? 1 : requestAnimationFrame(flush)
            if (document.hidden) setTimeout(flush, 250)
          }
        },
        onError: (error) => {
          flush()
          dispatch({ do: 'failed', error })
        },
        onConnectionStateChange: (connection) => {
          if (connection.state !== 'connecting' || !connection.error) return
          // The stream is tried again by itself. What the server says is shown meanwhile; if nobody answers, that is said once
          // for the whole page.
          if (problemIn(connection.error)) dispatch({ do: 'failed', error: connection.error })
          else connectionStore.suspect()
        },
      },
    )
    return () => {
      subscription.unsubscribe()
      cancelAnimationFrame(frame)
    }
  }, [client, input, cursor, attempt])

  const next = state.done?.next ?? null
  const more = useCallback(() => {
    if (next === null) return
    dispatch({ do: 'continue' })
    setCursor(next)
  }, [next])
  const again = useCallback(() => {
    dispatch({ do: 'restart' })
    setCursor(null)
    setAttempt((n) => n + 1)
  }, [])

  return { state, more: next === null ? null : more, again }
}

/** Batches that follow one another as one, and only the last progress. */
function joined(events: readonly BrowseEvent[]): BrowseEvent[] {
  const out: BrowseEvent[] = []
  for (const event of events) {
    const last = out.at(-1)
    if (last?.type === 'batch' && event.type === 'batch') {
      out[out.length - 1] = {
        ...last,
        records: [...last.records, ...event.records],
        dropped: last.dropped + event.dropped,
      }
    } else if (last?.type === 'progress' && event.type === 'progress') out[out.length - 1] = event
    else out.push(event)
  }
  return out
}
