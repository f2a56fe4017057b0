/** Ids of log directories as the metadata names them (KIP-858). Those below are no directory's. */
import type { PartitionImage } from './image.ts'

/** Chosen before directories had ids. */
export const MIGRATING = 'AAAAAAAAAAAAAAAAAAAAAA'
/** The broker has not said yet where it has put the replica. */
export const UNASSIGNED = 'AAAAAAAAAAAAAAAAAAAAAQ'
/** Some directory that is offline. */
export const LOST = 'AAAAAAAAAAAAAAAAAAAAAg'

/** Of a replica, undefined where the metadata does not say. */
export function directoryOf(p: PartitionImage, brokerId: number): string | undefined {
  const id = p.directories[p.replicas.indexOf(brokerId)]
  return id === undefined || id === MIGRATING || id === UNASSIGNED ? undefined : id
}

/** Is the directory of this replica among those that its broker has registered? Yes, where nobody has said. */
export function hasOnlineDirectory(p: PartitionImage, brokerId: number, registered: readonly string[]): boolean {
  const id = directoryOf(p, brokerId)
  if (id === LOST) return false
  return id === undefined || registered.length === 0 || registered.includes(id)
}

/** No directory's. */
export const isReserved = (id: string): boolean => id === MIGRATING || id === UNASSIGNED || id === LOST
