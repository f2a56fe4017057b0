'use client'
/** One group as it is now: asked once, then told whenever the console has looked at it. */
import { useQuery } from '@tanstack/react-query'
import { useSubscription } from '@trpc/tanstack-react-query'
import { useState } from 'react'
import { useClusterId } from '../../../../_ui/cluster.tsx'
import { problemIn } from '../../../../_ui/problem.ts'
import { type Outputs, useTRPC } from '../../../../_ui/trpc.tsx'
import { useVisible } from '../../../../_ui/use-visible.ts'

export type GroupDetail = Outputs['groups']['get']
export type GroupPartition = GroupDetail['partitions'][number]
export type GroupMember = GroupDetail['members'][number]

const refreshMs = 15_000

export function useGroup(groupId: string) {
  const trpc = useTRPC()
  const cluster = useClusterId()
  const visible = useVisible()
  const query = useQuery(trpc.groups.get.queryOptions({ cluster, groupId }, { refetchInterval: refreshMs }))
  const [told, setTold] = useState<GroupDetail>()
  const gone = problemIn(query.error)?.code === 'GROUP_ID_NOT_FOUND'
  useSubscription(
    trpc.groups.live.subscriptionOptions(
      { cluster, groupId },
      { enabled: visible && !gone, onData: (group) => setTold((before) => keepParts(before, group)) },
    ),
  )
  const newest = told && told.groupId === groupId && told.atMs >= (query.data?.atMs ?? 0) ? told : query.data
  return { query, group: gone ? undefined : newest, gone }
}

/** Rows that did not change stay the same objects, so that tables draw only what moved. */
function keepParts(before: GroupDetail | undefined, now: GroupDetail): GroupDetail {
  if (!before) return now
  const partitions = new Map(before.partitions.map((p) => [`${p.topic} ${p.partition}`, p]))
  const members = new Map(before.members.map((m) => [m.memberId, m]))
  return {
    ...now,
    partitions: now.partitions.map((p) => same(partitions.get(`${p.topic} ${p.partition}`), p)),
    members: now.members.map((m) => same(members.get(m.memberId), m)),
  }
}

const same = <T>(before: T | undefined, now: T): T =>
  before !== undefined && JSON.stringify(before) === JSON.stringify(now) ? before : now
