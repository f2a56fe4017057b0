'use client'
/** Which faults a process is to have; then their plan. */
import { useState } from 'react'
import { NO_PROCESS_FAULTS, type ProcessFaults } from '../../../../server/console/shapes/lab.ts'
import { Button } from '../../../_ui/button.tsx'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { messages as common } from '../../../_ui/common.ts'
import { Dialog } from '../../../_ui/dialog.tsx'
import { Checkbox, Field, Select, UnitInput } from '../../../_ui/field.tsx'
import type { PlanRequest } from '../../../_ui/plan-dialog.tsx'
import { useTRPCClient } from '../../../_ui/trpc.tsx'
import { parseUnits } from '../../../_ui/units.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { messages } from './messages.ts'
import { useProcessName } from './names.ts'
import { faultsRequest } from './requests.ts'
import type { Process } from './use-run.ts'

const cuts = ['no', 'silent', 'reset'] as const
const mostMs = 60_000

export function FaultsDialog({
  process,
  onPlan,
  onClose,
}: {
  process: Process
  onPlan(plan: PlanRequest<any>): void
  onClose(): void
}) {
  const m = useMessages(messages)
  const c = useMessages(common)
  const client = useTRPCClient()
  const cluster = useClusterId()
  const name = useProcessName()(process.id)
  const [cutOff, setCutOff] = useState<ProcessFaults['cutOff']>(process.faults.cutOff)
  const [slow, setSlow] = useState(process.faults.slowDiskMs > 0 ? `${process.faults.slowDiskMs} ms` : '')
  const [fullDisk, setFullDisk] = useState(process.faults.fullDisk)
  const slowMs = slow.trim() === '' ? 0 : parseUnits(slow, 'ms')
  const problem =
    slowMs === undefined || !Number.isInteger(slowMs) || slowMs < 0
      ? m.faults.unreadable
      : slowMs > mostMs
        ? m.faults.tooLong
        : null

  function plan(faults: ProcessFaults) {
    onClose()
    onPlan(faultsRequest({ client, cluster, m }, { id: process.id, name }, faults))
  }

  return (
    <Dialog
      open
      onClose={onClose}
      title={m.faults.title(name)}
      footer={
        <>
          <Button kind="quiet" className="mr-auto" onClick={() => plan(NO_PROCESS_FAULTS)}>
            {m.faults.clear}
          </Button>
          <Button onClick={onClose}>{c.cancel}</Button>
          <Button
            kind="primary"
            disabled={problem !== null}
            onClick={() => plan({ cutOff, slowDiskMs: slowMs ?? 0, fullDisk })}
          >
            {m.faults.next}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Field label={m.faults.cutOff} help={m.faults.cutOffHelp}>
          <Select
            value={cutOff}
            onChange={setCutOff}
            options={cuts.map((value) => ({ value, label: m.faults.cut[value] }))}
          />
        </Field>
        <Field label={m.faults.slowDisk} help={m.faults.slowDiskHelp} error={problem}>
          <UnitInput unit="ms" value={slow} onChange={setSlow} placeholder="200 ms" />
        </Field>
        <Checkbox label={m.faults.fullDisk} checked={fullDisk} onChange={setFullDisk} />
      </div>
    </Dialog>
  )
}
