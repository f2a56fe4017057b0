'use client'
/** The faults of a process in a few words. */
import type { ProcessFaults } from '../../../../server/console/shapes/lab.ts'
import { useFormat } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { messages } from './messages.ts'

export function useFaultWords(): (faults: ProcessFaults) => string[] {
  const m = useMessages(messages).faults.chips
  const f = useFormat()
  return ({ cutOff, slowDiskMs, fullDisk }) => [
    ...(cutOff === 'no' ? [] : [m[cutOff]]),
    ...(slowDiskMs > 0 ? [m.slow(f.duration(slowDiskMs))] : []),
    ...(fullDisk ? [m.full] : []),
  ]
}
