'use client'
/** An address that leads nowhere. */
import { LinkButton } from './_ui/button.tsx'
import { messages } from './_ui/common.ts'
import { Empty } from './_ui/states.tsx'
import { useMessages } from './_ui/use-messages.ts'

export default function NotFound() {
  const m = useMessages(messages)
  return (
    <main>
      <Empty
        as="h1"
        title={m.error.notFound}
        className="min-h-[60vh]"
        action={<LinkButton href="/">{m.error.home}</LinkButton>}
      >
        {m.error.notFoundDetail}
      </Empty>
    </main>
  )
}
