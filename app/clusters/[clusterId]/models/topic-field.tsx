'use client'
/** Of which topic the live figures are; empty: of all. Names are searched on the server as they are typed. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useId, useState } from 'react'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { TextInput } from '../../../_ui/field.tsx'
import { useTRPC } from '../../../_ui/trpc.tsx'
import { useMessages } from '../../../_ui/use-messages.ts'
import { messages } from './messages.ts'

export function TopicField({ topic, onTopic }: { topic: string; onTopic(topic: string): void }) {
  const m = useMessages(messages)
  const trpc = useTRPC()
  const cluster = useClusterId()
  const options = useId()
  const [typed, setTyped] = useState(topic)
  useEffect(() => setTyped(topic), [topic])
  const topics = useQuery(
    trpc.topics.list.queryOptions(
      { cluster, search: typed.trim(), perPage: 20 },
      { placeholderData: keepPreviousData, staleTime: 30_000 },
    ),
  )
  const names = topics.data?.rows.map((row) => row.name) ?? []
  return (
    <form
      className="flex items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        onTopic(typed.trim())
      }}
    >
      <TextInput
        mono
        aria-label={m.topic}
        placeholder={m.allTopics}
        value={typed}
        list={options}
        className="w-44"
        onChange={(event) => {
          const next = event.target.value
          setTyped(next)
          // Chosen from the list, or cleared; a name typed in full is taken with Enter or by leaving the field.
          if (next === '' || names.includes(next)) onTopic(next)
        }}
        onBlur={() => onTopic(typed.trim())}
      />
      <datalist id={options}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </form>
  )
}
