/** The formulas' inputs: what each means in the documents, and its unit. */
export const inputs = {
  partitionSize: { label: 'Partition size', unit: 'B', help: 'Bytes of one partition' },
  messageSize: { label: 'Message size', unit: 'B', help: 'Bytes of one message' },
  consumers: { label: 'Consumers', unit: '', help: 'Number of consumers' },
  producers: { label: 'Producers', unit: '', help: 'Number of producers' },
  messageRate: { label: 'Message rate', unit: 'messages/s', help: 'Messages a second that one consumer processes' },
  replicationFactor: { label: 'Replication factor', unit: '', help: 'Replicas of each partition' },
  brokers: { label: 'Brokers', unit: '', help: 'Number of nodes in the cluster' },
  partitions: { label: 'Partitions', unit: '', help: 'Number of partitions' },
  time: { label: 'Time', unit: 's', help: 'Time over which is measured' },
  bytesSent: { label: 'Message bytes sent', unit: 'B', help: 'Size of all messages sent in the time' },
  overhead: { label: 'Overhead', unit: 'B', help: 'Bytes that go with a message beside its content' },
  rate: { label: 'Rate', unit: 'B/s', help: 'Bytes a second that the way to the reader carries' },
  bytesKept: { label: 'Message bytes kept', unit: 'B', help: 'Bytes of messages kept in one partition' },
  batchSize: { label: 'Batch size', unit: 'messages', help: 'Messages in one batch' },
} as const
export type InputName = keyof typeof inputs
