'use client'
/** The cluster whose pages are shown: its id comes first in every address, and is the first input of every procedure. */
import { useParams } from 'next/navigation'
import { decodeName } from './paths.ts'

export function useClusterId(): string {
  const { clusterId } = useParams<{ clusterId?: string }>()
  return clusterId === undefined ? 'default' : decodeName(clusterId)
}
