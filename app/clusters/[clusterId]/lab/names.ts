'use client'
/** What a process is called, by its id: `broker-2`, `controller`. */
import { useCallback } from 'react'
import { useMessages } from '../../../_ui/use-messages.ts'
import { messages } from './messages.ts'

export function useProcessName(): (id: string) => string {
  const m = useMessages(messages)
  return useCallback(
    (id: string) => {
      const broker = /^broker-(\d+)$/.exec(id)?.[1]
      if (broker !== undefined) return m.broker(broker)
      return (m.processes.roles as Readonly<Record<string, string>>)[id] ?? id
    },
    [m],
  )
}
