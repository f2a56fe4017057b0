'use client'
/** Whether a scenario went as it should. */
import { Badge } from '../../../_ui/badge.tsx'
import { useMessages } from '../../../_ui/use-messages.ts'
import { messages } from './messages.ts'

export function Verdict({ passed, running = false }: { passed: boolean | null; running?: boolean }) {
  const m = useMessages(messages).verdicts
  if (running) return <Badge tone="accent">{m.running}</Badge>
  if (passed === null) return <Badge>{m.stopped}</Badge>
  return passed ? <Badge tone="ok">{m.passed}</Badge> : <Badge tone="bad">{m.failed}</Badge>
}
