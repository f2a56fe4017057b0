'use client'
/** The brokers as the cluster tells of them now, and the folders of one. */
import { useQuery } from '@tanstack/react-query'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { type Outputs, useTRPC } from '../../../_ui/trpc.tsx'

export type BrokerRow = Outputs['brokers']['list'][number]
export type LogDir = Outputs['brokers']['logDirs'][number]

const refreshMs = 5_000
const dirsRefreshMs = 15_000

export function useBrokers() {
  const trpc = useTRPC()
  const cluster = useClusterId()
  return useQuery(trpc.brokers.list.queryOptions({ cluster }, { refetchInterval: refreshMs }))
}

export function useLogDirs(brokerId: number) {
  const trpc = useTRPC()
  const cluster = useClusterId()
  return useQuery(trpc.brokers.logDirs.queryOptions({ cluster, brokerId }, { refetchInterval: dirsRefreshMs }))
}
