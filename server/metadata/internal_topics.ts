/** Topics that Kafka keeps its own state in: clients may read them, but not create or write to them as they please. */
export const CLUSTER_METADATA = '__cluster_metadata'

const internal: ReadonlySet<string> = new Set(['__consumer_offsets', '__transaction_state', '__share_group_state'])

export const isInternalTopic = (name: string): boolean => internal.has(name)
