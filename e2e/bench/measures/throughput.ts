/** Produces as fast as the probe can, and reads it back from where it was just written and from the disk. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Contender } from '../contenders.ts'
import * as probe from '../probe.ts'
import { compare, type Pair, record, type Target } from '../results.ts'
import { discard, newTopic, type Running, type Sizes, settleDisk, withCpu } from './lib.ts'

export interface Case {
  size: 100 | 1024
  partitions: 1 | 6
  batchKiB: 16 | 128
  codec: 'none' | 'lz4'
  acks: '1' | 'all'
}

/** Every combination. */
export const cases: Case[] = ([100, 1024] as const).flatMap((size) =>
  ([1, 6] as const).flatMap((partitions) =>
    ([16, 128] as const).flatMap((batchKiB) =>
      (['none', 'lz4'] as const).flatMap((codec) =>
        (['1', 'all'] as const).map((acks) => ({ size, partitions, batchKiB, codec, acks })),
      ),
    ),
  ),
)

export const title = ({ size, partitions, batchKiB, codec }: Case) =>
  `${size === 100 ? '100 B' : '1 KiB'}, ${partitions === 1 ? '1 partition' : `${partitions} partitions`}, ${batchKiB} KiB batches${codec === 'lz4' ? ', lz4' : ''}`

/** Which contenders a case concerns: only acks=all differs between those that sync and those that do not. */
export const concerns = ({ acks }: Case, who: Contender): boolean => acks === 'all' || who === 'weir' || who === 'kafka'

const isRead = ({ codec, acks }: Case, who: Contender): boolean =>
  codec === 'none' && acks === 'all' && (who === 'weir' || who === 'kafka')

interface Compared {
  pair: Pair
  atLeast: number
}

const [ours, kafka, unsynced, flushing] = ['weir', 'kafka', 'weir unsynced', 'kafka flushing'] as const
const compared: Record<Case['acks'], Compared[]> = {
  1: [{ pair: { ours, theirs: kafka }, atLeast: 1 }],
  all: [
    { pair: { ours, theirs: kafka }, atLeast: 0.9 },
    { pair: { ours: unsynced, theirs: kafka, note: ', sync off' }, atLeast: 1 },
    { pair: { ours, theirs: flushing, note: ', beside a Kafka that flushes' }, atLeast: 1 },
  ],
}

export async function throughput({ who, system, place }: Running, one: Case, sizes: Sizes): Promise<void> {
  const topic = newTopic()
  const records = one.size === 100 ? sizes.small : sizes.large
  await probe.createTopic(system.bootstrap, topic, one.partitions)
  const { size, acks, codec } = one
  settleDisk()
  const load = { records, size, acks, batchBytes: one.batchKiB * 1024, codec }
  const produced = await withCpu(system, () => probe.produce(system.bootstrap, topic, load))
  const what = `${title(one)}, acks=${acks}`
  note('Produce', what, who, produced)
  for (const { pair, atLeast } of compared[acks]) rows('Produce', what, pair, { atLeast }, { atMost: 1 })

  if (isRead(one, who)) {
    for (const from of ['just written', 'from the disk']) {
      if (from === 'from the disk') forgetPages(place.dataDir, topic)
      const consumed = await withCpu(system, () => probe.consume(system.bootstrap, topic, records))
      note('Consume', `${title(one)}, ${from}`, who, consumed)
      rows('Consume', `${title(one)}, ${from}`, { ours, theirs: kafka }, { atLeast: 0.9 }, { atMost: 2 })
    }
  }
  await discard(system, topic)
}

const cpuGroup = (group: string) => `${group}, processor time of the broker`

function note(group: string, what: string, who: Contender, { records_s, cpu }: probe.Rate & { cpu: number }): void {
  record(group, what, 'records/s', who, records_s)
  record(cpuGroup(group), what, 's', who, cpu)
}

function rows(group: string, what: string, pair: Pair, rate: Target, cpu: Target): void {
  compare(group, what, 'records/s', pair, rate)
  compare(cpuGroup(group), what, 's', pair, cpu)
}

/** Writes the topic's segments out and takes them out of the system's page cache. */
function forgetPages(dataDir: string, topic: string): void {
  for (const name of readdirSync(dataDir, { recursive: true, encoding: 'utf8' })) {
    if (!name.includes(`${topic}-`) || !name.endsWith('.log')) continue
    const file = join(dataDir, name)
    spawnSync('sync', ['-d', file])
    spawnSync('dd', [`if=${file}`, 'iflag=nocache', 'count=0', 'status=none'])
  }
}
