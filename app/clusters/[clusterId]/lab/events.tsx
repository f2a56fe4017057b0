'use client'
/** The record of a run as a table: for who wants it in words, line by line. */
import { useMemo, useState } from 'react'
import type { RunEvent } from '../../../../server/console/shapes/lab.ts'
import { scenarios } from '../../../../server/console/shapes/lab.ts'
import { Button } from '../../../_ui/button.tsx'
import type { Column } from '../../../_ui/table/column.ts'
import { DataTable } from '../../../_ui/table/data-table.tsx'
import { useFormat } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { useFaultWords } from './fault-words.ts'
import { messages } from './messages.ts'
import { useProcessName } from './names.ts'
import { shouldText } from './step-words.ts'
import type { Run } from './use-run.ts'

interface Line {
  readonly key: string
  readonly atMs: number
  readonly subject: string
  readonly what: string
}
const rowKey = (line: Line) => line.key

export function Events({ run }: { run: Run }) {
  const m = useMessages(messages).timeline
  const f = useFormat()
  const [open, setOpen] = useState(false)
  const lines = useLines(run, open)
  const columns = useMemo(
    (): readonly Column<Line>[] => [
      {
        id: 'at',
        header: m.eventColumns.at,
        width: 120,
        fixed: true,
        sortable: false,
        value: (line) => ((line.atMs - run.head.startedAtMs) / 1_000).toFixed(2),
        cell: (line) => (
          <span className="num" title={f.dateTime(line.atMs, true)}>
            +{((line.atMs - run.head.startedAtMs) / 1_000).toFixed(2)} s
          </span>
        ),
      },
      { id: 'subject', header: m.eventColumns.subject, width: 180, sortable: false, value: (line) => line.subject },
      { id: 'what', header: m.eventColumns.what, width: 320, grow: true, sortable: false, value: (line) => line.what },
    ],
    [m, f, run.head.startedAtMs],
  )
  const dropped = run.summary?.droppedEvents ?? 0
  return (
    <div className="flex flex-col gap-2">
      <Button className="w-fit" aria-expanded={open} onClick={() => setOpen(!open)}>
        {m.events} ({f.integer(run.events.length)})
      </Button>
      {open && (
        <DataTable
          id="lab-events"
          label={m.events}
          sorted
          columns={columns}
          rows={lines}
          rowKey={rowKey}
          csv={`lab_run_${run.head.id}`}
          empty={<p className="px-4 py-6 text-center text-muted">{m.noEvents}</p>}
        />
      )}
      {dropped > 0 && <p className="text-muted">{m.dropped(f.integer(dropped))}</p>}
    </div>
  )
}

function useLines(run: Run, open: boolean): readonly Line[] {
  const words = useMessages(messages)
  const f = useFormat()
  const nameOf = useProcessName()
  const faultWords = useFaultWords()
  return useMemo(() => {
    if (!open) return []
    const m = words.timeline
    const steps = scenarios.find((s) => s.id === run.head.scenario)?.steps
    const said = (e: RunEvent): readonly [subject: string, what: string] => {
      switch (e.kind) {
        case 'process':
          return [nameOf(e.process), words.processes.states[e.state]]
        case 'faults':
          return [nameOf(e.process), faultWords(e.faults).join(', ') || words.processes.noFaults]
        case 'action':
          return [nameOf(e.process), m.done((words.did as Readonly<Record<string, string>>)[e.action] ?? e.action)]
        case 'partition': {
          const isr = `[${e.isr.join(', ')}]`
          const epoch = String(e.leaderEpoch)
          return [
            e.topic === run.head.topic ? m.rows.partition(String(e.partition)) : `${e.topic}-${e.partition}`,
            e.leader < 0 ? m.noLeader(epoch, isr) : m.leader(String(e.leader), epoch, isr),
          ]
        }
        case 'cluster':
          return [
            m.rows.cluster,
            m.cluster(f.integer(e.offline), f.integer(e.underReplicated), f.integer(e.partitions)),
          ]
        case 'group':
          return [e.group, m.group(e.state, f.integer(e.members), e.epoch === null ? null : String(e.epoch))]
        case 'error':
          return [m.rows.partition(String(e.partition)), m.gaveUp(e.code)]
        case 'step': {
          const step = steps?.[e.step]
          const what = step ? shouldText(step, words.steps, f.duration) : m.step(String(e.step + 1))
          return [m.rows.steps, `${e.step + 1}. ${what}: ${words.steps.states[e.state]}`]
        }
        case 'trouble':
          return [m.trouble, e.message]
      }
    }
    return run.events.map((e, index) => {
      const [subject, what] = said(e)
      return { key: String(index), atMs: e.atMs, subject, what }
    })
  }, [run.events, run.head, open, words, f, nameOf, faultWords])
}
