/**
 * Leadership when a broker, or one of its log directories, comes or goes: what is in a directory that is offline is led by
 * nobody; it takes over partitions that have no leader and may only have it; and where it leads
 * already but its life before ended unclean, a new term begins (the leader epoch grows). What it had not synced is gone
 * then, and a reader who had seen it finds out by the epoch (KIP-320).
 */
import type { MetadataCommand } from '../context.ts'
import { MAX_RECORDS_PER_REQUEST } from '../context.ts'
import { hasOnlineDirectory } from '../directory_id.ts'
import type { PartitionImage } from '../image.ts'
import type { MetadataRecord } from '../record_codec.ts'
import { partitionChange } from './partition_change.ts'

/** Partitions after `after` in the order of topics; the reply says where to go on, undefined when all are done. */
export const electLeaders =
  (brokerId: number, wanted: { newTerms: boolean; after?: number }): MetadataCommand<number | undefined> =>
  (image) => {
    const records: MetadataRecord[] = []
    const logDirs = image.brokers.get(brokerId)?.logDirs ?? []
    let seen = 0
    for (const { topicId, partitions } of image.topics.values()) {
      for (const p of partitions) {
        if (seen++ < (wanted.after ?? 0)) continue
        const change = !hasOnlineDirectory(p, brokerId, logDirs)
          ? p.leader === brokerId
            ? { leader: -1 }
            : undefined
          : mayTakeOver(p, brokerId)
            ? takeOver(p, brokerId)
            : wanted.newTerms && p.leader === brokerId
              ? {}
              : undefined
        if (change === undefined) continue
        records.push(partitionChange(image, { partitionId: p.partitionId, topicId, leader: brokerId, ...change }))
        if (records.length === MAX_RECORDS_PER_REQUEST) return { records, reply: seen }
      }
    }
    return { records, reply: undefined }
  }

function mayTakeOver(p: PartitionImage, brokerId: number): boolean {
  if (p.leader !== -1 || !p.replicas.includes(brokerId)) return false
  if (p.isr.includes(brokerId) || p.eligibleLeaderReplicas.includes(brokerId)) return true
  // Nobody is known to have everything: the only one who could is the one who was last, or the only replica there is.
  if (p.isr.length > 0 || p.eligibleLeaderReplicas.length > 0) return false
  return p.replicas.length === 1 || (p.lastKnownElr.length === 1 && p.lastKnownElr[0] === brokerId)
}

const takeOver = (p: PartitionImage, brokerId: number) => ({
  isr: p.isr.includes(brokerId) ? null : [brokerId],
  eligibleLeaderReplicas: p.eligibleLeaderReplicas.length > 0 ? [] : null,
  lastKnownElr: p.lastKnownElr.length > 0 ? [] : null,
})
