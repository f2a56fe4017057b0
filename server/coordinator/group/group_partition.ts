/** The partition of `__consumer_offsets` that holds a group: Java's hash of its id, so that Kafka's tools look where we store. */
export function groupPartition(groupId: string, numPartitions: number): number {
  let hash = 0
  for (let i = 0; i < groupId.length; i++) hash = (Math.imul(hash, 31) + groupId.charCodeAt(i)) | 0
  return (hash & 0x7fffffff) % numPartitions
}
