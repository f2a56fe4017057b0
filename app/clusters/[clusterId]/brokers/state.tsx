'use client'
/** Whether a broker is up, and what it means if it is not. */
import { Badge } from '../../../_ui/badge.tsx'
import { Tip } from '../../../_ui/tip.tsx'
import { useMessages } from '../../../_ui/use-messages.ts'
import { messages } from './messages.ts'
import type { BrokerRow } from './use-brokers.ts'

export function BrokerState({ state }: { state: BrokerRow['state'] }) {
  const m = useMessages(messages)
  if (state === 'up') return <Badge tone="ok">{m.states.up}</Badge>
  return (
    <Tip text={m.stateNotes[state]}>
      <span>
        <Badge tone="bad">{m.states[state]}</Badge>
      </span>
    </Tip>
  )
}
