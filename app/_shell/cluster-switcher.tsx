'use client'
/** Which cluster the pages show, how it is, and the others. */
import { useQuery } from '@tanstack/react-query'
import { ChevronsUpDown } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useClusterId } from '../_ui/cluster.tsx'
import { cx } from '../_ui/cx.ts'
import { Menu, MenuChoices, MenuLabel } from '../_ui/menu.tsx'
import { paths } from '../_ui/paths.ts'
import { useTRPC } from '../_ui/trpc.tsx'
import { useMessages } from '../_ui/use-messages.ts'
import { messages } from './messages.ts'

const dots = { connecting: 'bg-warn', connected: 'bg-ok', unreachable: 'bg-bad' } as const

export function ClusterSwitcher({ wide }: { wide: boolean }) {
  const m = useMessages(messages)
  const trpc = useTRPC()
  const router = useRouter()
  const clusterId = useClusterId()
  const clusters = useQuery(trpc.clusters.list.queryOptions(undefined, { refetchInterval: 10_000 }))
  const current = clusters.data?.find((c) => c.id === clusterId)
  const state = current?.state ?? 'connecting'
  const words = wide ? 'flex' : 'hidden lg:flex'

  return (
    <div className="p-2">
      <Menu
        align="start"
        className="min-w-60"
        trigger={
          <button
            type="button"
            aria-label={`${m.cluster}: ${current?.name ?? clusterId}, ${m.states[state]}`}
            className="flex h-10 w-full items-center gap-2.5 rounded-md border border-line-strong bg-surface px-2 text-left hover:bg-hover"
          >
            <span className="relative flex size-5 shrink-0 items-center justify-center">
              <Mark />
              <span
                aria-hidden
                className={cx('-right-1 -bottom-0.5 absolute size-2 rounded-full ring-2 ring-surface', dots[state])}
              />
            </span>
            <span className={cx('min-w-0 flex-1 flex-col', words)}>
              <span className="truncate font-semibold leading-4">{current?.name ?? clusterId}</span>
              <span className="num truncate text-faint text-xs leading-4">
                {state !== 'connected' || !current ? m.states[state] : secondLine(current, m.brokers)}
              </span>
            </span>
            <ChevronsUpDown size={13} aria-hidden className={cx('shrink-0 text-faint', words)} />
          </button>
        }
      >
        <MenuLabel>{m.clusters}</MenuLabel>
        <MenuChoices
          value={clusterId}
          onChange={(id) => router.push(paths.overview(id))}
          options={(clusters.data ?? []).map((c) => ({
            value: c.id,
            label: (
              <span className="flex min-w-0 flex-1 items-center gap-2">
                <span className="truncate">{c.name}</span>
                <span className="num ml-auto pl-4 text-faint text-xs">{c.bootstrap[0]}</span>
              </span>
            ),
          }))}
        />
      </Menu>
    </div>
  )
}

/** The address, unless that is already the cluster's name. */
function secondLine(
  { name, bootstrap, brokers }: { name: string; bootstrap: readonly string[]; brokers: number | null },
  say: (n: string) => string,
): string {
  const address = bootstrap[0] ?? ''
  return name.includes(address) && brokers !== null ? say(String(brokers)) : address
}

/** Water going over a weir. */
function Mark() {
  return (
    <svg viewBox="0 0 32 32" className="size-5" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#0b5cab" />
      <path
        d="M6 11.5h8.5v9H26"
        fill="none"
        stroke="#fff"
        strokeWidth="3"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <path d="M6 17h4M6 22.5h4" stroke="#9fd0ff" strokeWidth="3" strokeLinecap="round" />
    </svg>
  )
}
