/**
 * Three brokers and a controller beside three and a controller: each cluster alone, since on one machine they would share what is
 * measured. Topics have three replicas and every write acks=all. Ours does not wait for the disk then, as Apache Kafka does not.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Cluster, formatKafkaCluster, startCluster, startKafkaCluster } from '../../lib/cluster.ts'
import { inSync } from '../../lib/in_sync.ts'
import * as probe from '../probe.ts'
import { compare, record, type Target } from '../results.ts'
import { discard, type Measured, newTopic, type Sizes, settleDisk, withCpu } from './lib.ts'
import { memory } from './memory.ts'

const factor = 3
const restMs = 10_000
/** How often a leader is ended in each way. */
const ends = 2
const pair = { ours: 'weir', theirs: 'kafka' } as const
type Side = 'weir' | 'kafka'

/** A figure and its row. */
function note(group: string, what: string, unit: string, who: Side, value: number, target?: Target): void {
  record(group, what, unit, who, value)
  compare(group, what, unit, pair, target)
}

/** `isKafka`: which of the two kinds runs under that name. */
export async function cluster(who: Side, isKafka: boolean, parent: string, sizes: Sizes): Promise<void> {
  const dataDir = join(parent, `cluster-${who}`)
  const one = await started(who, isKafka, dataDir)
  try {
    await warmUp(one, sizes)
    await throughput(one, who, sizes)
    await latency(one, who, sizes)
    for (const [how, end] of [
      ['SIGKILL of a leader', (node: number) => one.killNode(node)],
      ['a clean stop of a leader', (node: number) => one.stopNode(node)],
    ] as const) {
      for (let i = 0; i < ends; i++) await failover(one, who, how, end)
    }
    const stoppingAt = Date.now()
    await one.stop()
    note('Three brokers: start and stop', 'a clean stop of all takes', 'ms', who, Date.now() - stoppingAt)
  } finally {
    await one.kill()
  }
  rmSync(dataDir, { recursive: true })
}

async function started(who: Side, isKafka: boolean, dataDir: string): Promise<Cluster> {
  const options = { dataDir, wait: false }
  const one = isKafka
    ? await startKafkaCluster(options, await formatKafkaCluster(options))
    : await startCluster('weir', options)
  try {
    const { produce_ms } = await probe.ready(one.bootstrap, one.startedAtMs, factor)
    const group = 'Three brokers: start and stop'
    note(group, 'empty folders, to the first acknowledged record with 3 replicas', 'ms', who, produce_ms, {
      atMost: 0.2,
    })
    await inSync(one)
    await sleep(restMs)
    memory('Three brokers: at rest', who, one, { atMost: 0.3 }, 'supervisor, controller and brokers')
    return one
  } catch (error) {
    await one.kill()
    throw error
  }
}

/** Brings code and files to where they are in a cluster that has been running for a while. */
async function warmUp(system: Measured, sizes: Sizes): Promise<void> {
  const topic = newTopic()
  await probe.createTopic(system.bootstrap, topic, 6, factor)
  const load = { records: sizes.small, size: 100, acks: 'all', batchBytes: 131_072, codec: 'none' } as const
  await probe.produce(system.bootstrap, topic, load)
  await probe.consume(system.bootstrap, topic, sizes.small)
  await discard(system, topic)
}

async function throughput(system: Measured, who: Side, sizes: Sizes): Promise<void> {
  const group = 'Three brokers: produce to 3 replicas, acks=all'
  for (const [size, records] of [
    [100, sizes.small],
    [1024, sizes.large],
  ] as const) {
    const topic = newTopic()
    await probe.createTopic(system.bootstrap, topic, 6, factor)
    settleDisk()
    const load = { records, size, acks: 'all', batchBytes: 131_072, codec: 'none' } as const
    const { records_s, cpu } = await withCpu(system, async () => {
      const rate = await probe.produce(system.bootstrap, topic, load)
      // what the followers have yet to write is part of the work
      await sleep(500)
      return rate
    })
    const what = `${size === 100 ? '100 B' : '1 KiB'}, 6 partitions, 128 KiB batches`
    note(group, what, 'records/s', who, records_s, { atLeast: 1 })
    note(group, `${what}, processor time of all brokers and the controller`, 's', who, cpu, { atMost: 1 })
    await discard(system, topic)
  }
}

async function latency(system: Measured, who: Side, { latencySeconds }: Sizes): Promise<void> {
  const group = 'Three brokers: end to end at 1,000 records a second, 100 B, 3 replicas, acks=all'
  const topic = newTopic()
  await probe.createTopic(system.bootstrap, topic, 1, factor)
  settleDisk()
  const { p50, p99, cpu } = await withCpu(system, () =>
    probe.endToEnd(system.bootstrap, topic, 1_000, latencySeconds, 'all'),
  )
  note(group, 'p50', 'ms', who, p50, { atMost: 1 })
  note(group, 'p99', 'ms', who, p99, { atMost: 1 })
  note(group, 'processor time of all brokers and the controller', 's', who, cpu)
  await discard(system, topic)
}

async function failover(
  one: Cluster,
  who: Side,
  how: 'SIGKILL of a leader' | 'a clean stop of a leader',
  end: (node: number) => Promise<void>,
): Promise<void> {
  const topic = newTopic()
  await probe.createTopic(one.bootstrap, topic, 1, factor)
  await inSync(one)
  let endedAtMs = 0
  let leader = 0
  const { lastMs, firstMs } = await probe.failover(one.bootstrap, topic, async (node) => {
    leader = node
    endedAtMs = performance.timeOrigin + performance.now()
    await end(node)
  })
  const killed = how === 'SIGKILL of a leader'
  // a leader that stops in order serves on for a while
  const tookMs = firstMs - (killed ? endedAtMs : lastMs)
  note('Three brokers: no acknowledged write', `from ${how}`, 'ms', who, tookMs, { atMost: killed ? 0.05 : 0.5 })
  await one.back(leader, { ready: true })
  await inSync(one)
  await discard(one, topic)
}
