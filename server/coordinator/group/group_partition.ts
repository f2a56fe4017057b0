/** Its absolute value is no int32; Kafka takes 0. */
const MIN_INT32 = -(2 ** 31)

/** The partition of `__consumer_offsets` that holds a group: Java's hash of its id, so that Kafka's tools look where we store. */
export function groupPartition(groupId: string, numPartitions: number): number {
  let hash = 0
  for (let i = 0; i < groupId.length; i++) hash = (Math.imul(hash, 31) + groupId.charCodeAt(i)) | 0
  return (hash === MIN_INT32 ? 0 : Math.abs(hash)) % numPartitions
}
