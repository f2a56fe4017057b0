'use client'
/** The groups that are furthest behind. */
import Link from 'next/link'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { Panel } from '../../../_ui/page.tsx'
import { paths } from '../../../_ui/paths.ts'
import { Bone, Empty } from '../../../_ui/states.tsx'
import type { Outputs } from '../../../_ui/trpc.tsx'
import { useFormat } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { messages } from './messages.ts'

export function TopLag({ rows }: { rows: Outputs['overview']['get']['topLag'] | undefined }) {
  const m = useMessages(messages)
  const f = useFormat()
  const cluster = useClusterId()
  const most = Math.max(1, ...(rows ?? []).map((row) => row.lag))
  return (
    <Panel
      flush
      title={m.topLag}
      actions={
        <Link href={paths.groups(cluster)} className="px-1 text-accent hover:underline">
          {m.allGroups}
        </Link>
      }
      className="min-h-56"
    >
      {rows?.length === 0 ? (
        <Empty title={m.noGroups} className="py-8 [&>p]:font-normal [&>p]:text-muted [&>p]:text-sm" />
      ) : (
        <table className="w-full table-fixed">
          <thead className="sr-only">
            <tr>
              <th scope="col">{m.group}</th>
              <th scope="col">{m.lag}</th>
            </tr>
          </thead>
          <tbody>
            {rows
              ? rows.map((row) => (
                  <tr key={row.groupId} className="h-[34px] border-b last:border-b-0 hover:bg-hover">
                    <td className="truncate px-3.5">
                      <Link href={paths.group(cluster, row.groupId)} className="num hover:text-accent hover:underline">
                        {row.groupId || '""'}
                      </Link>
                    </td>
                    <td className="num relative w-2/5 px-3.5 text-right">
                      <span
                        aria-hidden
                        className="absolute inset-y-2 right-2 rounded-sm bg-accent-soft"
                        style={{ width: `${(row.lag / most) * 94}%` }}
                      />
                      <span className="relative">{f.integer(row.lag)}</span>
                    </td>
                  </tr>
                ))
              : [0, 1, 2, 3].map((n) => (
                  <tr key={n} className="h-[34px] border-b">
                    <td className="px-3.5">
                      <Bone className="w-1/2" />
                    </td>
                    <td className="px-3.5 text-right">
                      <Bone className="w-12" />
                    </td>
                  </tr>
                ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}
