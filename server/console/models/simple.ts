/** The formulas of 001_407ae33a884ca4a6.txt, 3.4: the definitions of the words. */
import { model } from './model.ts'

const source = { document: '001_407ae33a884ca4a6.txt', section: '3.4' }

export const simpleThroughput = model({
  id: 'simple.throughput',
  quantity: 'throughput',
  source,
  formula: 'messageBytesSent ÷ time',
  inputs: ['messageBytesSent', 'time'],
  unit: 'B/s',
  caveat: null,
  divisor: ['time'],
  expression: (i) => i.messageBytesSent / i.time,
})

export const simpleLatency = model({
  id: 'simple.latency',
  quantity: 'latency',
  source,
  formula: '(messageSize + overhead) ÷ rate',
  inputs: ['messageSize', 'overhead', 'rate'],
  unit: 's',
  caveat: 'Transfer time alone: no queueing, no batching wait, no replication.',
  divisor: ['rate'],
  expression: (i) => (i.messageSize + i.overhead) / i.rate,
})

export const simpleStorage = model({
  id: 'simple.storage',
  quantity: 'storage',
  source,
  formula: 'messageBytesKept × partitions × replicationFactor',
  inputs: ['messageBytesKept', 'partitions', 'replicationFactor'],
  unit: 'B',
  caveat: 'No index, no compression, no retention.',
  divisor: [],
  expression: (i) => i.messageBytesKept * i.partitions * i.replicationFactor,
})
