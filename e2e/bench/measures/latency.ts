/** End to end at 1,000 records a second: produce, beside it a consumer, and from one to the other. */
import * as probe from '../probe.ts'
import { compare, type Pair, record, type Target } from '../results.ts'
import { discard, newTopic, type Running, type Sizes, settleDisk, withCpu } from './lib.ts'

const group = 'End to end at 1,000 records a second, 100 B'
const perSecond = 1_000

const [ours, kafka, unsynced, flushing] = ['weir', 'kafka', 'weir unsynced', 'kafka flushing'] as const
const compared: Record<'1' | 'all', { pair: Pair; latency?: Target; cpu?: Target }[]> = {
  1: [{ pair: { ours, theirs: kafka }, latency: { atMost: 1 }, cpu: { atMost: 0.5 } }],
  all: [
    { pair: { ours: unsynced, theirs: kafka, note: ', sync off' }, latency: { atMost: 1 }, cpu: { atMost: 0.5 } },
    { pair: { ours, theirs: flushing, note: ', beside a Kafka that flushes' }, latency: { atMost: 1 } },
    { pair: { ours, theirs: kafka } },
  ],
}

export async function latency({ who, system }: Running, acks: '1' | 'all', { latencySeconds }: Sizes): Promise<void> {
  const topic = newTopic()
  await probe.createTopic(system.bootstrap, topic, 1)
  settleDisk()
  const measured = await withCpu(system, () => probe.endToEnd(system.bootstrap, topic, perSecond, latencySeconds, acks))
  for (const [what, unit, value, target] of [
    ['p50', 'ms', measured.p50, 'latency'],
    ['p99', 'ms', measured.p99, 'latency'],
    ['processor time of the broker', 's', measured.cpu, 'cpu'],
  ] as const) {
    record(group, `acks=${acks}, ${what}`, unit, who, value)
    for (const one of compared[acks]) compare(group, `acks=${acks}, ${what}`, unit, one.pair, one[target])
  }
  await discard(system, topic)
}
