/** The formulas' inputs: what each means as the documents give it, and the unit that is fixed here where they leave it open. */
export const inputs = {
  partitionSize: { unit: 'B', meaning: 'size of a partition' },
  messageSize: { unit: 'B', meaning: 'size of a message' },
  messageBytesSent: { unit: 'B', meaning: 'message size, summed over the messages sent in the time' },
  messageBytesKept: { unit: 'B', meaning: 'message size, summed over the messages kept in one partition' },
  overhead: { unit: 'B', meaning: 'what goes with a message beside its content' },
  consumers: { unit: '1', meaning: 'number of consumers' },
  producers: { unit: '1', meaning: 'number of producers' },
  brokers: { unit: '1', meaning: 'number of nodes in the cluster' },
  partitions: { unit: '1', meaning: 'number of partitions' },
  replicationFactor: { unit: '1', meaning: 'replicas of each partition' },
  messageRate: { unit: 'messages/s', meaning: 'message rate, of one consumer' },
  rate: { unit: 'B/s', meaning: 'transfer rate' },
  batchSize: { unit: 'messages', meaning: 'messages in a batch' },
  time: { unit: 's', meaning: 'time' },
} as const

export type InputName = keyof typeof inputs
export type Inputs<N extends InputName = InputName> = { readonly [K in N]: number }
