/** The formulas of 000_512e2239c7c65ae2.txt, 3.3: quotients of what one wants and what stands in its way. */
import { model } from './model.ts'

const document = '000_512e2239c7c65ae2.txt'
const throughputInputs = ['partitionSize', 'messageSize', 'consumers', 'messageRate'] as const

export const ratioThroughput = model({
  id: 'ratio.throughput',
  quantity: 'throughput',
  source: { document, section: '3.3 (1)' },
  formula: 'partitionSize ÷ (partitionSize + messageSize) × consumers × messageRate',
  inputs: throughputInputs,
  unit: 'messages/s',
  caveat:
    'The partition count that the sentence above it names is not in it; with large partitions it is consumers × message rate.',
  divisor: ['partitionSize', 'messageSize'],
  expression: (i) => (i.partitionSize / (i.partitionSize + i.messageSize)) * i.consumers * i.messageRate,
})

export const ratioLatency = model({
  id: 'ratio.latency',
  quantity: 'latency',
  source: { document, section: '3.3 (2)' },
  formula: 'partitionSize ÷ (partitionSize + messageSize) × consumers × messageRate',
  inputs: throughputInputs,
  unit: 'messages/s',
  caveat:
    'Printed with the throughput’s expression: the unit is messages a second, not a time, and it grows where a latency should fall.',
  divisor: ['partitionSize', 'messageSize'],
  expression: (i) => (i.partitionSize / (i.partitionSize + i.messageSize)) * i.consumers * i.messageRate,
})

export const ratioAvailability = model({
  id: 'ratio.availability',
  quantity: 'availability',
  source: { document, section: '3.3 (3)' },
  formula: 'replicationFactor × brokers ÷ (replicationFactor × brokers + partitions)',
  inputs: ['replicationFactor', 'brokers', 'partitions'],
  unit: '0..1',
  caveat: 'Falls as partitions are added, though each partition fails on its own.',
  divisor: ['replicationFactor', 'brokers', 'partitions'],
  expression: (i) => (i.replicationFactor * i.brokers) / (i.replicationFactor * i.brokers + i.partitions),
})
