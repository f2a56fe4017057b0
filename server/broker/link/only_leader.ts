/** What a broker has to serve because nobody else can, as far as the metadata here says. */
import type { MetadataImage, PartitionImage } from '../../metadata/image.ts'

const NO_LEADER = -1

/** Is there a partition that it leads with nobody else in sync who runs, or that nobody leads and it might? */
export function isOnlyLeader(image: MetadataImage, nodeId: number): boolean {
  const canLeadInstead = (id: number) => id !== nodeId && image.isActive(id)
  const needs = ({ leader, isr, eligibleLeaderReplicas, lastKnownElr, replicas }: PartitionImage) => {
    if (leader === nodeId) return !isr.some(canLeadInstead)
    if (leader !== NO_LEADER) return false
    return [isr, eligibleLeaderReplicas, lastKnownElr].some((ids) => ids.includes(nodeId)) || replicas.length === 1
  }
  for (const { partitions } of image.topics.values()) {
    if (partitions.some((p) => p.replicas.includes(nodeId) && needs(p))) return true
  }
  return false
}
