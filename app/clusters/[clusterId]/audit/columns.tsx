'use client'
/** The columns of the audit log. */
import { useMemo } from 'react'
import { useActionText } from '../../../_ui/actions.ts'
import { Badge } from '../../../_ui/badge.tsx'
import { shownName } from '../../../_ui/paths.ts'
import { Unknown } from '../../../_ui/table/body.tsx'
import type { Column } from '../../../_ui/table/column.ts'
import { useFormat } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import type { AuditRow } from './audit.tsx'
import { messages } from './messages.ts'
import { lineOf, stepsOf } from './steps.ts'

export function useAuditColumns(onOpen: (row: AuditRow) => void): readonly Column<AuditRow>[] {
  const m = useMessages(messages)
  const f = useFormat()
  const say = useActionText()
  // biome-ignore lint/correctness/useExhaustiveDependencies: `say` follows the language, as `m` does
  return useMemo(() => {
    const h = m.columns
    const plain = (id: 'who' | 'sourceIp' | 'error' | 'id', width: number): Column<AuditRow> => ({
      id,
      header: h[id],
      width,
      value: (row) => row[id],
      cell: (row) =>
        row[id] ? (
          <span className={id === 'error' ? '' : 'num'} title={row[id]}>
            {row[id]}
          </span>
        ) : (
          <Unknown />
        ),
    })
    const types = m.types as Readonly<Record<string, string>>
    const columns: Column<AuditRow>[] = [
      {
        id: 'at',
        header: h.at(f.zone),
        width: 172,
        fixed: true,
        value: (row) => f.dateTime(row.atMs),
        cell: (row) => (
          <button type="button" onClick={() => onOpen(row)} className="num hover:text-accent hover:underline">
            <time dateTime={new Date(row.atMs).toISOString()}>{f.dateTime(row.atMs)}</time>
          </button>
        ),
      },
      {
        id: 'outcome',
        header: h.outcome,
        width: 96,
        value: (row) => m.outcomes[row.outcome],
        cell: (row) => (
          <span title={row.error ?? undefined}>
            <Badge tone={row.outcome === 'failed' ? 'bad' : 'ok'}>{m.outcomes[row.outcome]}</Badge>
          </span>
        ),
      },
      plain('who', 90),
      { id: 'type', header: h.type, width: 84, value: (row) => types[row.resourceType] ?? row.resourceType },
      {
        id: 'resource',
        header: h.resource,
        width: 190,
        value: (row) => row.resourceName,
        cell: (row) => (
          <span className="num whitespace-pre" title={row.resourceName}>
            {shownName(row.resourceName)}
          </span>
        ),
      },
      { id: 'action', header: h.action, width: 160, value: (row) => say(row.action) },
      {
        id: 'change',
        header: h.change,
        width: 240,
        grow: true,
        value: (row) => stepsOf(row, m.facts).map(lineOf).join('; '),
        cell: (row) => {
          const steps = stepsOf(row, m.facts)
          if (steps.length === 0) return <Unknown />
          const rest = steps.length - 1
          return (
            <span className="flex gap-2">
              <span className="num truncate">{lineOf(steps[0]!)}</span>
              {rest > 0 && <span className="shrink-0 text-faint">{m.more(f.integer(rest))}</span>}
            </span>
          )
        },
      },
      { ...plain('error', 260), hiddenAtFirst: true },
      { ...plain('sourceIp', 120), hiddenAtFirst: true },
      { ...plain('id', 300), hiddenAtFirst: true },
    ]
    // The newest first, always: the server cuts the pages by time.
    return columns.map((column) => ({ ...column, sortable: false }))
  }, [m, f, onOpen])
}
