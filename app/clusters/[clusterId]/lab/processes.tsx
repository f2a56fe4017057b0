'use client'
/** The processes with their state, and what can be done to each: a plan first where it harms, at once where it heals. */
import {
  CirclePause,
  CirclePlay,
  EllipsisVertical,
  Flame,
  OctagonX,
  Power,
  RotateCw,
  Skull,
  SlidersHorizontal,
} from 'lucide-react'
import { useMemo, useState } from 'react'
import { toast } from 'sonner'
import type { Action, ProcessState } from '../../../../server/console/shapes/lab.ts'
import { Badge, type Tone } from '../../../_ui/badge.tsx'
import { IconButton } from '../../../_ui/button.tsx'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { Menu, MenuItem, MenuLine } from '../../../_ui/menu.tsx'
import { PlanDialog, type PlanRequest } from '../../../_ui/plan-dialog.tsx'
import { useFailure } from '../../../_ui/problem.ts'
import { Unknown } from '../../../_ui/table/body.tsx'
import type { Column } from '../../../_ui/table/column.ts'
import { DataTable } from '../../../_ui/table/data-table.tsx'
import { useTRPCClient } from '../../../_ui/trpc.tsx'
import { useFormat } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { useFaultWords } from './fault-words.ts'
import { FaultsDialog } from './faults-dialog.tsx'
import { messages } from './messages.ts'
import { useProcessName } from './names.ts'
import { actRequest } from './requests.ts'
import type { Process } from './use-run.ts'

export const stateTones: Readonly<Record<ProcessState, Tone>> = {
  running: 'ok',
  starting: 'accent',
  paused: 'warn',
  stopping: 'warn',
  restarting: 'bad',
  stopped: 'bad',
}

const icons = {
  kill: Flame,
  killAndHold: Skull,
  pause: CirclePause,
  resume: CirclePlay,
  stop: OctagonX,
  start: Power,
  restart: RotateCw,
} as const

/** What makes sense in which state. */
const offered: Readonly<Record<ProcessState, readonly Action[]>> = {
  running: ['pause', 'restart', 'stop', 'kill', 'killAndHold'],
  starting: ['kill', 'killAndHold'],
  paused: ['resume', 'kill', 'killAndHold'],
  stopping: ['kill'],
  stopped: ['start'],
  restarting: ['start', 'killAndHold'],
}
const heals: ReadonlySet<Action> = new Set(['resume', 'start'])

const rowKey = (row: Process) => row.id

export function Processes({ rows, atMs }: { rows: readonly Process[] | undefined; atMs: number }) {
  const m = useMessages(messages)
  const [plan, setPlan] = useState<PlanRequest<any> | null>(null)
  const [faultsOf, setFaultsOf] = useState<Process | null>(null)
  const columns = useColumns(atMs, setPlan, setFaultsOf)
  return (
    <>
      <DataTable
        id="lab-processes"
        label={m.processes.title}
        live
        columns={columns}
        rows={rows}
        rowKey={rowKey}
        csv={null}
        skeletonRows={5}
        empty={null}
        toolbar={<h2 className="text-sm">{m.processes.title}</h2>}
      />
      {faultsOf && <FaultsDialog process={faultsOf} onPlan={setPlan} onClose={() => setFaultsOf(null)} />}
      <PlanDialog request={plan} onClose={() => setPlan(null)} />
    </>
  )
}

function useColumns(
  atMs: number,
  onPlan: (plan: PlanRequest<any>) => void,
  onFaults: (process: Process) => void,
): readonly Column<Process>[] {
  const m = useMessages(messages)
  const f = useFormat()
  const nameOf = useProcessName()
  const faultWords = useFaultWords()
  return useMemo(() => {
    const h = m.processes.columns
    return [
      {
        id: 'name',
        header: h.name,
        width: 150,
        fixed: true,
        sortable: false,
        value: (row) => nameOf(row.id),
        cell: (row) => (
          <span className="flex items-center gap-2 font-medium">
            {nameOf(row.id)}
            {row.nodeId !== null && row.role !== 'broker' && <span className="num text-faint">{row.nodeId}</span>}
          </span>
        ),
      },
      {
        id: 'actions',
        header: h.actions,
        width: 64,
        fixed: true,
        bare: true,
        cell: (row) => (row.controllable ? <Actions process={row} onPlan={onPlan} onFaults={onFaults} /> : null),
      },
      {
        id: 'state',
        header: h.state,
        width: 112,
        sortable: false,
        value: (row) => m.processes.states[row.state],
        cell: (row) => <Badge tone={stateTones[row.state]}>{m.processes.states[row.state]}</Badge>,
      },
      {
        id: 'since',
        header: h.since,
        width: 104,
        sortable: false,
        value: (row) => row.sinceMs,
        cell: (row) => (
          <span className="num" title={`${f.dateTime(row.sinceMs)} ${f.zone}`}>
            {f.relative(row.sinceMs, atMs)}
          </span>
        ),
      },
      {
        id: 'cpu',
        header: h.cpu,
        width: 92,
        numeric: true,
        sortable: false,
        value: (row) => row.cpu,
        cell: (row) => (row.cpu === null ? <Unknown /> : f.percent(row.cpu)),
      },
      {
        id: 'memory',
        header: h.memory,
        width: 96,
        numeric: true,
        sortable: false,
        value: (row) => row.memoryBytes,
        cell: (row) => (row.memoryBytes === null ? <Unknown /> : f.bytes(row.memoryBytes)),
      },
      {
        id: 'pid',
        header: h.pid,
        width: 80,
        numeric: true,
        sortable: false,
        value: (row) => row.pid,
        cell: (row) => (row.pid === null ? <Unknown /> : String(row.pid)),
      },
      {
        id: 'faults',
        header: h.faults,
        width: 190,
        grow: true,
        sortable: false,
        value: (row) => faultWords(row.faults).join(', '),
        cell: (row) => {
          if (!row.controllable) return <span className="text-faint">{m.processes.servesThis}</span>
          const words = faultWords(row.faults)
          if (words.length === 0) return <span className="text-faint">{m.processes.noFaults}</span>
          return (
            <span className="flex gap-1">
              {words.map((word) => (
                <Badge key={word} tone="warn">
                  {word}
                </Badge>
              ))}
            </span>
          )
        },
      },
    ]
  }, [m, f, nameOf, faultWords, atMs, onPlan, onFaults])
}

function Actions({
  process,
  onPlan,
  onFaults,
}: {
  process: Process
  onPlan(plan: PlanRequest<any>): void
  onFaults(process: Process): void
}) {
  const m = useMessages(messages)
  const client = useTRPCClient()
  const cluster = useClusterId()
  const failure = useFailure()
  const name = useProcessName()(process.id)
  const target = { id: process.id, name }

  async function act(action: Action) {
    const request = actRequest({ client, cluster, m }, target, action)
    if (!heals.has(action)) return onPlan(request)
    try {
      const [plan] = await request.make()
      await request.apply(plan!.apply)
      toast.success(request.said)
    } catch (error) {
      toast.error(failure(error).message)
    }
  }

  return (
    <Menu
      trigger={<IconButton label={m.processes.act(name)} icon={EllipsisVertical} tip={false} />}
      className="min-w-56"
    >
      {offered[process.state].map((action) => (
        <MenuItem key={action} icon={icons[action]} danger={!heals.has(action)} onSelect={() => void act(action)}>
          {m.actions[action]}
        </MenuItem>
      ))}
      <MenuLine />
      <MenuItem icon={SlidersHorizontal} onSelect={() => onFaults(process)}>
        {m.actions.faults}
      </MenuItem>
    </Menu>
  )
}
