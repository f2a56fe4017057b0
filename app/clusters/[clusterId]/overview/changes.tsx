'use client'
/** The last entries of the audit log. */
import Link from 'next/link'
import { useActionText } from '../../../_ui/actions.ts'
import { Badge } from '../../../_ui/badge.tsx'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { messages as common } from '../../../_ui/common.ts'
import { Panel } from '../../../_ui/page.tsx'
import { paths } from '../../../_ui/paths.ts'
import { RelativeTime } from '../../../_ui/relative-time.tsx'
import { Bone, Empty } from '../../../_ui/states.tsx'
import type { Outputs } from '../../../_ui/trpc.tsx'
import { useMessages } from '../../../_ui/use-messages.ts'
import { messages } from './messages.ts'

export function Changes({ rows }: { rows: Outputs['overview']['get']['recentChanges'] | undefined }) {
  const m = useMessages(messages)
  const c = useMessages(common)
  const say = useActionText()
  const cluster = useClusterId()
  return (
    <Panel
      flush
      title={m.changes}
      actions={
        <Link href={paths.audit(cluster)} className="px-1 text-accent hover:underline">
          {m.allChanges}
        </Link>
      }
      className="min-h-56"
    >
      {rows?.length === 0 ? (
        <Empty title={m.noChanges} className="py-8 [&>p]:font-normal [&>p]:text-muted [&>p]:text-sm" />
      ) : (
        <ul>
          {rows
            ? rows.map((row) => (
                <li key={row.id} className="flex h-[34px] items-center gap-2 border-b px-3.5 last:border-b-0">
                  <span className="num truncate">
                    {row.resourceType === 'broker' ? m.broker(row.resourceName) : row.resourceName || '""'}
                  </span>
                  <span className="whitespace-nowrap text-muted">{say(row.action)}</span>
                  {row.outcome === 'failed' && <Badge tone="bad">{say('failed')}</Badge>}
                  <span className="ml-auto text-faint">
                    <RelativeTime ms={row.atMs} />
                  </span>
                </li>
              ))
            : [0, 1, 2, 3].map((n) => (
                <li key={n} className="flex h-[34px] items-center border-b px-3.5" aria-label={c.loading}>
                  <Bone className="w-1/2" />
                </li>
              ))}
        </ul>
      )}
    </Panel>
  )
}
