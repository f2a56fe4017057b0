'use client'
/** Says once that the console's server is out of reach, and mends what is on the page when it is back. */
import { useQueryClient } from '@tanstack/react-query'
import { Unplug } from 'lucide-react'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { messages } from './common.ts'
import { connectionStore } from './connection-store.ts'
import { useMessages } from './use-messages.ts'

/** A connection that is back this soon was not worth a word. */
const patienceMs = 1_200

export function Connection() {
  const m = useMessages(messages)
  const queries = useQueryClient()
  const state = useSyncExternalStore(connectionStore.subscribe, connectionStore.get, () => 'up' as const)
  const [said, setSaid] = useState(false)

  useEffect(() => {
    if (state === 'up') {
      setSaid(false)
      return
    }
    const timer = setTimeout(() => setSaid(true), patienceMs)
    return () => {
      clearTimeout(timer)
      void queries.invalidateQueries()
    }
  }, [state, queries])

  return (
    <div role="status" aria-live="polite">
      {said && (
        <div className="fixed inset-x-0 bottom-4 z-50 mx-auto flex w-fit max-w-[92vw] items-center gap-2 rounded-md border border-line-strong bg-warn-soft px-3 py-2 text-warn shadow-float">
          <Unplug size={15} aria-hidden />
          <span>
            <strong className="font-semibold">{m.connection.lost}</strong> {m.connection.lostDetail}
          </span>
        </div>
      )}
    </div>
  )
}
