'use client'
/** One record at the side: value, key, headers, metadata. The arrow keys go to its neighbours in the list, Esc closes. */
import { useQuery } from '@tanstack/react-query'
import { ChevronDown, ChevronUp, Link2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { toast } from 'sonner'
import { isTyping } from '../../../../../_shell/use-shortcuts.ts'
import { IconButton } from '../../../../../_ui/button.tsx'
import { useClusterId } from '../../../../../_ui/cluster.tsx'
import { copyText } from '../../../../../_ui/copy.tsx'
import { Sheet } from '../../../../../_ui/dialog.tsx'
import { isTime } from '../../../../../_ui/format.ts'
import { Facts } from '../../../../../_ui/page.tsx'
import { paths } from '../../../../../_ui/paths.ts'
import { ErrorState } from '../../../../../_ui/states.tsx'
import { type Outputs, useTRPC } from '../../../../../_ui/trpc.tsx'
import { useFormat } from '../../../../../_ui/use-format.ts'
import { useMessages } from '../../../../../_ui/use-messages.ts'
import type { RecordRow } from './browse-state.ts'
import { PayloadView } from './payload-view.tsx'
import { Preview } from './record-columns.tsx'
import { recordKey, recordQuery } from './record-link.ts'
import { words } from './words.ts'

type Whole = Outputs['messages']['get']

export function RecordSheet({
  topic,
  at,
  preview,
  onClose,
  onPrevious,
  onNext,
}: {
  topic: string
  at: { partition: number; offset: number } | null
  /** The row of the list, for as long as the whole record is on its way. */
  preview: RecordRow | undefined
  onClose(): void
  onPrevious: (() => void) | undefined
  onNext: (() => void) | undefined
}) {
  const m = useMessages(words).record
  const f = useFormat()
  const trpc = useTRPC()
  const cluster = useClusterId()
  const query = useQuery(
    trpc.messages.get.queryOptions(
      { cluster, topic, partition: at?.partition ?? 0, offset: at?.offset ?? 0 },
      { enabled: at !== null, staleTime: Number.POSITIVE_INFINITY },
    ),
  )
  if (!at) return null
  const whole: Whole | undefined = query.data
  const record = whole ?? preview

  return (
    <Sheet
      open
      modal={false}
      onClose={onClose}
      title={m.title(String(at.partition), f.integer(at.offset))}
      onKeyDown={(event) => {
        if (isTyping(event.target) || event.metaKey || event.ctrlKey) return
        const step = event.key === 'ArrowDown' ? onNext : event.key === 'ArrowUp' ? onPrevious : undefined
        if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
        event.preventDefault()
        step?.()
      }}
      actions={
        <>
          <IconButton label={m.previous} icon={ChevronUp} disabled={!onPrevious} onClick={onPrevious} />
          <IconButton label={m.next} icon={ChevronDown} disabled={!onNext} onClick={onNext} />
          <IconButton
            label={m.link}
            icon={Link2}
            onClick={() => {
              const link = `${window.location.origin}${paths.topic(cluster, topic)}?${recordQuery(at.partition, at.offset)}`
              void copyText(link).then(() => toast.success(m.linkCopied))
            }}
          />
        </>
      }
    >
      {query.error && <ErrorState error={query.error} title={m.loadFailed} onRetry={() => void query.refetch()} />}
      {record && (
        <div className="flex flex-col gap-5" key={recordKey(at)}>
          <PayloadView
            title={m.value}
            payload={record.value}
            nullText={m.tombstone}
            bytes={whole?.bytes.value ?? null}
            whole={whole !== undefined}
            fileName={`${topic}-${at.partition}-${at.offset}.value`}
          />
          <PayloadView
            title={m.key}
            payload={record.key}
            nullText={m.none}
            bytes={whole?.bytes.key ?? null}
            whole={whole !== undefined}
            fileName={`${topic}-${at.partition}-${at.offset}.key`}
          />
          <Headers record={record} />
          <Metadata topic={topic} record={record} />
        </div>
      )}
    </Sheet>
  )
}

function Section({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <section>
      <h3 className="mb-1.5 text-sm">{title}</h3>
      {children}
    </section>
  )
}

function Headers({ record }: { record: RecordRow }) {
  const m = useMessages(words).record
  const f = useFormat()
  return (
    <Section
      title={
        <>
          {m.headers} <span className="num font-normal text-faint">{f.integer(record.headerCount)}</span>
        </>
      }
    >
      {record.headers.length === 0 ? (
        <p className="text-faint">{m.noHeaders}</p>
      ) : (
        <div className="overflow-x-auto rounded-md border">
          <table className="w-full">
            <thead>
              <tr className="bg-sunken text-left text-muted text-xs">
                <th scope="col" className="px-2.5 py-1 font-medium">
                  {m.headerKey}
                </th>
                <th scope="col" className="px-2.5 py-1 font-medium">
                  {m.headerValue}
                </th>
              </tr>
            </thead>
            <tbody>
              {record.headers.map((header, index) => (
                <tr key={index} className="border-t align-top">
                  <td className="num min-w-28 px-2.5 py-1 [overflow-wrap:anywhere]">
                    {header.key === '' ? '""' : header.key}
                  </td>
                  <td className="px-2.5 py-1 [overflow-wrap:anywhere]">
                    <Preview payload={header.value} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  )
}

function Metadata({ topic, record }: { topic: string; record: RecordRow }) {
  const m = useMessages(words).record
  const f = useFormat()
  const b = record.batch
  return (
    <Section title={m.metadata}>
      <Facts
        rows={[
          { label: m.topic, value: topic },
          { label: m.partition, value: f.integer(record.partition) },
          { label: m.offset, value: f.integer(record.offset) },
          {
            label: m.timestamp,
            value: isTime(record.timestampMs) ? (
              <>
                {f.dateTime(record.timestampMs, true)} {f.zone}
                <span className="block text-faint">
                  {record.timestampMs} · {m.timestampTypes[record.timestampType]}
                </span>
              </>
            ) : (
              m.noTimestamp
            ),
          },
          {
            label: m.size,
            value: `${f.bytes(record.sizeBytes)} (${m.sizeOf(f.bytes(record.key?.sizeBytes ?? 0), f.bytes(record.value?.sizeBytes ?? 0))})`,
          },
          { label: m.batch, value: m.baseOffset(f.integer(b.baseOffset)) },
          { label: m.codec, value: b.codec },
          { label: m.leaderEpoch, value: f.integer(b.leaderEpoch) },
          {
            label: m.producer,
            value:
              b.producerId === null
                ? m.notIdempotent
                : m.producerOf(String(b.producerId), String(b.producerEpoch ?? '–'), String(b.sequence ?? '–')),
          },
          ...(b.transactional ? [{ label: m.transactional, value: '✓' }] : []),
        ]}
      />
    </Section>
  )
}
