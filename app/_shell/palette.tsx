'use client'
/** ⌘K: go to a page, a topic or a group by a few letters of its name. Names are searched on the server. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Command } from 'cmdk'
import { Plus, Rows3, Search, Users } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { Dialog } from 'radix-ui'
import { useEffect, useState } from 'react'
import { useClusterId } from '../_ui/cluster.tsx'
import { paths } from '../_ui/paths.ts'
import { useTRPC } from '../_ui/trpc.tsx'
import { useMessages } from '../_ui/use-messages.ts'
import { messages } from './messages.ts'
import { hrefOf, nav } from './nav.ts'

const pauseMs = 120
const itemClass =
  'flex h-8 cursor-pointer items-center gap-2.5 rounded-sm px-2 data-[selected=true]:bg-accent-soft data-[selected=true]:text-accent'

export function Palette({ open, onClose }: { open: boolean; onClose(): void }) {
  const m = useMessages(messages)
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/35" />
        <Dialog.Content
          aria-describedby={undefined}
          className="-translate-x-1/2 fixed top-[12vh] left-1/2 z-50 w-[560px] max-w-[94vw] overflow-hidden rounded-lg border border-line-strong bg-raised shadow-float"
        >
          <Dialog.Title className="sr-only">{m.palette.title}</Dialog.Title>
          <Results onClose={onClose} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function Results({ onClose }: { onClose(): void }) {
  const m = useMessages(messages)
  const trpc = useTRPC()
  const router = useRouter()
  const cluster = useClusterId()
  const [text, setText] = useState('')
  const settled = useSettled(text.trim())
  const hits = useQuery(
    trpc.search.queryOptions(
      { cluster, text: settled, limit: 20 },
      { enabled: settled !== '', placeholderData: keepPreviousData },
    ),
  )
  const found = settled === '' ? [] : (hits.data ?? [])
  const wanted = text.trim().toLowerCase()
  const pages = nav.filter((p) => m.nav[p.name].toLowerCase().includes(wanted) || p.name.includes(wanted))
  const actions = m.newTopic.toLowerCase().includes(wanted)
    ? [{ label: m.newTopic, href: paths.newTopic(cluster) }]
    : []

  function go(href: string) {
    onClose()
    router.push(href)
  }

  return (
    <Command shouldFilter={false} loop label={m.palette.title}>
      <div className="flex items-center gap-2 border-b px-3">
        <Search size={15} className="text-faint" aria-hidden />
        <Command.Input
          value={text}
          onValueChange={setText}
          placeholder={m.palette.placeholder}
          className="h-11 min-w-0 flex-1 bg-transparent text-base outline-none"
        />
      </div>
      <Command.List className="max-h-[50vh] overflow-auto p-1.5 [&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1 [&_[cmdk-group-heading]]:text-faint [&_[cmdk-group-heading]]:text-xs">
        {!hits.isFetching && (
          <Command.Empty className="px-2 py-6 text-center text-muted">{m.palette.nothing}</Command.Empty>
        )}
        {(['topic', 'group'] as const).map((type) => {
          const names = found.filter((hit) => hit.type === type)
          const Icon = type === 'topic' ? Rows3 : Users
          return (
            names.length > 0 && (
              <Command.Group key={type} heading={type === 'topic' ? m.palette.topics : m.palette.groups}>
                {names.map((hit) => (
                  <Command.Item
                    key={hit.name}
                    value={`${type} ${hit.name}`}
                    onSelect={() =>
                      go(type === 'topic' ? paths.topic(cluster, hit.name) : paths.group(cluster, hit.name))
                    }
                    className={itemClass}
                  >
                    <Icon size={14} className="shrink-0 text-faint" aria-hidden />
                    <span className="num truncate">{hit.name || '""'}</span>
                  </Command.Item>
                ))}
              </Command.Group>
            )
          )
        })}
        {pages.length > 0 && (
          <Command.Group heading={m.palette.pages}>
            {pages.map((page) => (
              <Command.Item
                key={page.name}
                value={`page ${page.name}`}
                onSelect={() => go(hrefOf(page, cluster))}
                className={itemClass}
              >
                <page.icon size={14} className="text-faint" aria-hidden />
                {m.nav[page.name]}
                {page.key && <kbd className="ml-auto text-faint text-xs">g {page.key}</kbd>}
              </Command.Item>
            ))}
          </Command.Group>
        )}
        {actions.length > 0 && (
          <Command.Group heading={m.palette.actions}>
            {actions.map((action) => (
              <Command.Item
                key={action.href}
                value={`do ${action.label}`}
                onSelect={() => go(action.href)}
                className={itemClass}
              >
                <Plus size={14} className="text-faint" aria-hidden />
                {action.label}
              </Command.Item>
            ))}
          </Command.Group>
        )}
      </Command.List>
    </Command>
  )
}

/** The text once typing pauses. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), pauseMs)
    return () => clearTimeout(timer)
  }, [text])
  return settled
}
