'use client'
/** The topic whose views are shown, and what the cluster tells of it. */
import { useQuery } from '@tanstack/react-query'
import { useParams } from 'next/navigation'
import { createContext, useContext } from 'react'
import { useClusterId } from '../../../../_ui/cluster.tsx'
import { decodeName } from '../../../../_ui/paths.ts'
import { useTRPC } from '../../../../_ui/trpc.tsx'

const refreshMs = 5_000

export function useTopicName(): string {
  return decodeName(useParams<{ topic: string }>().topic)
}

export function useTopic() {
  const trpc = useTRPC()
  const cluster = useClusterId()
  const topic = useTopicName()
  return useQuery(trpc.topics.get.queryOptions({ cluster, topic }, { refetchInterval: refreshMs }))
}

/** How many records have been produced from this page: a reason to read again. */
export const Produced = createContext(0)

export function useProduced(): number {
  return useContext(Produced)
}
