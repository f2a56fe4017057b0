'use client'
/** A page that threw: our fault, said as such, with another attempt. The frame around it stays. */
import { Button } from '../../_ui/button.tsx'
import { messages } from '../../_ui/common.ts'
import { Empty } from '../../_ui/states.tsx'
import { useMessages } from '../../_ui/use-messages.ts'

export default function PageError({ error, reset }: { error: Error; reset: () => void }) {
  const m = useMessages(messages)
  return (
    <Empty as="h1" title={m.error.page} action={<Button onClick={reset}>{m.retry}</Button>}>
      <p>{m.error.pageDetail}</p>
      <p className="num mt-1 text-faint">{error.message}</p>
    </Empty>
  )
}
