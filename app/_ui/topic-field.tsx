'use client'
/** Chooses a topic; empty: none, or all. Names are searched on the server as they are typed. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useId, useState } from 'react'
import { useClusterId } from './cluster.tsx'
import { TextInput } from './field.tsx'
import { useTRPC } from './trpc.tsx'

export function TopicField({
  topic,
  onTopic,
  label,
  placeholder,
  disabled = false,
}: {
  topic: string
  onTopic(topic: string): void
  label: string
  /** What empty means. */
  placeholder: string
  disabled?: boolean
}) {
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
        aria-label={label}
        placeholder={placeholder}
        disabled={disabled}
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
