'use client'
import { useQuery } from '@tanstack/react-query'
/** The runs that are kept; a click opens one. */
import { useCallback, useMemo } from 'react'
import { useClusterId } from '../../../_ui/cluster.tsx'
import type { Column } from '../../../_ui/table/column.ts'
import { DataTable } from '../../../_ui/table/data-table.tsx'
import { type Outputs, useTRPC } from '../../../_ui/trpc.tsx'
import { useFormat } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { messages } from './messages.ts'
import { Verdict } from './verdict.tsx'

type Row = Outputs['lab']['runs'][number]
const rowKey = (row: Row) => row.id

export function KeptRuns({ open, onOpen }: { open: string; onOpen(id: string): void }) {
  const words = useMessages(messages)
  const m = words.kept
  const f = useFormat()
  const trpc = useTRPC()
  const cluster = useClusterId()
  const runs = useQuery(trpc.lab.runs.queryOptions({ cluster }))
  const columns = useMemo((): readonly Column<Row>[] => {
    const h = m.columns
    const scenarioOf = (row: Row) =>
      row.scenario === null
        ? words.run.byHandShort
        : ((words.scenarios as Readonly<Record<string, string>>)[row.scenario] ?? row.scenario)
    return [
      {
        id: 'at',
        header: h.at(f.zone),
        width: 170,
        fixed: true,
        value: (row) => row.startedAtMs,
        cell: (row) => (
          <button
            type="button"
            className="num hover:text-accent hover:underline"
            aria-label={m.open(f.dateTime(row.startedAtMs))}
            onClick={() => onOpen(row.id)}
          >
            {f.dateTime(row.startedAtMs)}
          </button>
        ),
      },
      { id: 'scenario', header: h.scenario, width: 200, grow: true, value: scenarioOf },
      {
        id: 'verdict',
        header: h.verdict,
        width: 150,
        value: (row) => (row.passed === null ? null : String(row.passed)),
        cell: (row) =>
          row.passed === null && row.scenario === null ? (
            <span className="text-faint">–</span>
          ) : (
            <Verdict passed={row.passed} />
          ),
      },
      {
        id: 'availability',
        header: h.availability,
        width: 92,
        numeric: true,
        value: (row) => (row.seconds === 0 ? null : row.goodSeconds / row.seconds),
        cell: (row) => (row.seconds === 0 ? '–' : f.percent(row.goodSeconds / row.seconds)),
      },
      {
        id: 'duration',
        header: h.duration,
        width: 100,
        numeric: true,
        value: (row) => row.endedAtMs - row.startedAtMs,
        cell: (row) => f.duration(Math.round((row.endedAtMs - row.startedAtMs) / 1_000) * 1_000),
      },
      { id: 'who', header: h.who, width: 90, value: (row) => row.startedBy, hiddenAtFirst: true },
    ]
  }, [m, words, f, onOpen])
  return (
    <DataTable
      id="lab-runs"
      label={m.title}
      columns={columns}
      rows={runs.data}
      rowKey={rowKey}
      openKey={open}
      onOpen={useCallback((row: Row) => onOpen(row.id), [onOpen])}
      csv={`${cluster}_lab_runs`}
      error={runs.error}
      onRetry={() => void runs.refetch()}
      skeletonRows={3}
      empty={<p className="px-4 py-6 text-center text-muted">{m.empty}</p>}
      toolbar={<h2 className="text-sm">{m.title}</h2>}
    />
  )
}
