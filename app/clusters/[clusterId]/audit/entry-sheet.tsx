'use client'
/** One entry at the side: who, when, what, and the difference. The arrow keys go to its neighbours in the list, Esc closes. */
import { useQuery } from '@tanstack/react-query'
import { ChevronDown, ChevronUp, Link2 } from 'lucide-react'
import Link from 'next/link'
import { toast } from 'sonner'
import { isTyping } from '../../../_shell/use-shortcuts.ts'
import { useActionText } from '../../../_ui/actions.ts'
import { Badge } from '../../../_ui/badge.tsx'
import { Button, IconButton } from '../../../_ui/button.tsx'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { copyText } from '../../../_ui/copy.tsx'
import { Sheet } from '../../../_ui/dialog.tsx'
import { Facts } from '../../../_ui/page.tsx'
import { paths, shownName } from '../../../_ui/paths.ts'
import { PlanDiff } from '../../../_ui/plan-diff.tsx'
import { RelativeTime } from '../../../_ui/relative-time.tsx'
import { Bone, ErrorState, LoadingNote } from '../../../_ui/states.tsx'
import { useTRPC } from '../../../_ui/trpc.tsx'
import { useFormat } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import type { AuditRow } from './audit.tsx'
import { messages } from './messages.ts'
import { stepsOf } from './steps.ts'

export function EntrySheet({
  id,
  preview,
  onClose,
  onPrevious,
  onNext,
  onOnly,
}: {
  /** Empty: none is open. */
  id: string
  /** The row of the list, if it is on this page of it. */
  preview: AuditRow | undefined
  onClose(): void
  onPrevious: (() => void) | undefined
  onNext: (() => void) | undefined
  /** All entries of what this one is about. */
  onOnly(row: AuditRow): void
}) {
  const m = useMessages(messages)
  const trpc = useTRPC()
  const cluster = useClusterId()
  // An entry never changes: what the list has need not be asked for.
  const query = useQuery(
    trpc.audit.get.queryOptions(
      { cluster, id },
      { enabled: id !== '' && preview === undefined, staleTime: Number.POSITIVE_INFINITY },
    ),
  )
  if (id === '') return null
  const row = preview ?? query.data
  return (
    <Sheet
      open
      modal={false}
      onClose={onClose}
      title={m.entry}
      onKeyDown={(event) => {
        if (isTyping(event.target) || event.metaKey || event.ctrlKey) return
        if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
        event.preventDefault()
        if (event.key === 'ArrowDown') onNext?.()
        else onPrevious?.()
      }}
      actions={
        <>
          <IconButton label={m.previous} icon={ChevronUp} disabled={!onPrevious} onClick={onPrevious} />
          <IconButton label={m.next} icon={ChevronDown} disabled={!onNext} onClick={onNext} />
          <IconButton
            label={m.link}
            icon={Link2}
            onClick={() => {
              const link = `${window.location.origin}${paths.audit(cluster, id)}`
              void copyText(link).then(() => toast.success(m.linkCopied))
            }}
          />
        </>
      }
    >
      {row ? (
        <Entry key={row.id} row={row} onOnly={onOnly} />
      ) : query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} busy={query.isFetching} />
      ) : (
        <div className="flex flex-col gap-2.5">
          <LoadingNote />
          {[1, 2, 3, 4, 5].map((n) => (
            <Bone key={n} className={n % 2 ? 'w-1/2' : 'w-2/3'} />
          ))}
        </div>
      )}
    </Sheet>
  )
}

function Entry({ row, onOnly }: { row: AuditRow; onOnly(row: AuditRow): void }) {
  const m = useMessages(messages)
  const f = useFormat()
  const say = useActionText()
  const steps = stepsOf(row, m.facts)
  const h = m.columns
  return (
    <div className="flex flex-col gap-5">
      <Facts
        rows={[
          {
            label: h.outcome,
            mono: false,
            value: <Badge tone={row.outcome === 'failed' ? 'bad' : 'ok'}>{m.outcomes[row.outcome]}</Badge>,
          },
          ...(row.error ? [{ label: h.error, mono: false, value: <span lang="en">{row.error}</span> }] : []),
          { label: h.action, mono: false, value: say(row.action) },
          { label: h.resource, mono: false, value: <Resource row={row} /> },
          {
            label: h.at(f.zone),
            value: (
              <>
                {f.dateTime(row.atMs, true)}{' '}
                <span className="text-faint">
                  <RelativeTime ms={row.atMs} />
                </span>
              </>
            ),
          },
          { label: h.who, value: row.who },
          { label: h.sourceIp, value: row.sourceIp ?? '–' },
          { label: h.id, value: row.id },
        ]}
      />
      <section>
        <h3 className="mb-1.5 text-sm">{row.outcome === 'failed' ? m.wanted : m.diff}</h3>
        {steps.length === 0 ? <p className="text-muted">{m.noSteps}</p> : <PlanDiff steps={steps} />}
      </section>
      <div>
        <Button onClick={() => onOnly(row)}>{m.onlyThis}</Button>
      </div>
    </div>
  )
}

/** By name, and a link to it. It may have been deleted since; its page says so then. */
function Resource({ row }: { row: AuditRow }) {
  const types = useMessages(messages).types as Readonly<Record<string, string>>
  const cluster = useClusterId()
  const href =
    row.resourceType === 'topic'
      ? paths.topic(cluster, row.resourceName)
      : row.resourceType === 'group'
        ? paths.group(cluster, row.resourceName)
        : row.resourceType === 'broker'
          ? paths.broker(cluster, Number(row.resourceName))
          : undefined
  const name = <span className="num break-all">{shownName(row.resourceName)}</span>
  return (
    <>
      <span className="mr-2 text-muted">{types[row.resourceType] ?? row.resourceType}</span>
      {href ? (
        <Link href={href} className="text-accent hover:underline">
          {name}
        </Link>
      ) : (
        name
      )}
    </>
  )
}
