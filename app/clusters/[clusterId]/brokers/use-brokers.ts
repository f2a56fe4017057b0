'use client'
/** The brokers and controllers as the cluster tells of them now, and the folders of one. */
import { useQuery } from '@tanstack/react-query'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { type Outputs, useTRPC } from '../../../_ui/trpc.tsx'

export type BrokerRow = Outputs['brokers']['list'][number]
export type QuorumNode = Outputs['brokers']['quorum']['nodes'][number]
export type LogDir = Outputs['brokers']['logDirs'][number]

const refreshMs = 5_000
const dirsRefreshMs = 15_000

export function useBrokers() {
  const trpc = useTRPC()
  const cluster = useClusterId()
  return useQuery(trpc.brokers.list.queryOptions({ cluster }, { refetchInterval: refreshMs }))
}

/** The controllers; the brokers' pages do not wait for it. */
export function useQuorum() {
  const trpc = useTRPC()
  const cluster = useClusterId()
  return useQuery(trpc.brokers.quorum.queryOptions({ cluster }, { refetchInterval: refreshMs, retry: false }))
}

export function useLogDirs(brokerId: number) {
  const trpc = useTRPC()
  const cluster = useClusterId()
  return useQuery(trpc.brokers.logDirs.queryOptions({ cluster, brokerId }, { refetchInterval: dirsRefreshMs }))
}
