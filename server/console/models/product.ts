/** The formulas of 004_cf348a95902c33e1.txt, 3.3: everything multiplied, over time. */
import { model } from './model.ts'

const source = { document: '004_cf348a95902c33e1.txt', section: '3.3' }

export const productThroughput = model({
  id: 'product.throughput',
  quantity: 'throughput',
  source,
  formula: 'partitions × brokers × producers × messageSize × batchSize ÷ time',
  inputs: ['partitions', 'brokers', 'producers', 'messageSize', 'batchSize', 'time'],
  unit: 'B/s',
  caveat: 'Assumes that every producer sends a batch to every partition through every broker: an upper bound on paper.',
  divisor: ['time'],
  expression: (i) => (i.partitions * i.brokers * i.producers * i.messageSize * i.batchSize) / i.time,
})

export const productLatency = model({
  id: 'product.latency',
  quantity: 'latency',
  source,
  formula: 'partitions × brokers × consumers × messageSize × batchSize ÷ time',
  inputs: ['partitions', 'brokers', 'consumers', 'messageSize', 'batchSize', 'time'],
  unit: 'B/s',
  caveat: 'A rate called a latency: as printed the unit is bytes a second, not a time.',
  divisor: ['time'],
  expression: (i) => (i.partitions * i.brokers * i.consumers * i.messageSize * i.batchSize) / i.time,
})

export const productAvailability = model({
  id: 'product.availability',
  quantity: 'availability',
  source,
  formula: 'replicationFactor × brokers × partitions ÷ time',
  inputs: ['replicationFactor', 'brokers', 'partitions', 'time'],
  unit: '1/s',
  caveat: 'Not a share: it grows without bound as the time shrinks, and may be above 1.',
  divisor: ['time'],
  expression: (i) => (i.replicationFactor * i.brokers * i.partitions) / i.time,
})
