'use client'
/** A topic without a message: how to send the first one, to the address that is in use. */
import { useQuery } from '@tanstack/react-query'
import { useClusterId } from '../../../../../_ui/cluster.tsx'
import { Empty } from '../../../../../_ui/states.tsx'
import { useTRPC } from '../../../../../_ui/trpc.tsx'
import { useMessages } from '../../../../../_ui/use-messages.ts'
import { words } from './words.ts'

export function EmptyTopic({ topic }: { topic: string }) {
  const m = useMessages(words)
  const trpc = useTRPC()
  const cluster = useClusterId()
  const clusters = useQuery(trpc.clusters.list.queryOptions())
  const bootstrap = clusters.data?.find((c) => c.id === cluster)?.bootstrap[0] ?? ''
  return (
    <Empty title={m.emptyTopicTitle} command={`echo '{"hello":"world"}' | kcat -P -b ${bootstrap} -t ${topic}`}>
      {m.emptyTopic}
    </Empty>
  )
}
