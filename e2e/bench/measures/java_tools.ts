/** The same with Kafka's own performance tools, which on a small machine mostly measure themselves. */
import * as probe from '../probe.ts'
import { compare, record } from '../results.ts'
import { runTool } from '../tool.ts'
import { discard, newTopic, type Running, settleDisk, withCpu } from './lib.ts'

interface Produced {
  partitions: number
  size: number
  records: number
  batchBytes: number
}

const produced: Produced[] = [
  { partitions: 6, size: 100, records: 1_000_000, batchBytes: 131_072 },
  { partitions: 1, size: 100, records: 1_000_000, batchBytes: 16_384 },
  { partitions: 6, size: 1024, records: 200_000, batchBytes: 131_072 },
]
const group = "Kafka's own performance tools, acks=all"

export async function javaTools({ who, system }: Running, scale: number): Promise<void> {
  for (const { partitions, size, records: all, batchBytes } of produced) {
    const records = all * scale
    const topic = newTopic()
    await probe.createTopic(system.bootstrap, topic, partitions)
    settleDisk()
    const load = [
      '--topic',
      topic,
      '--num-records',
      String(records),
      '--record-size',
      String(size),
      '--throughput',
      '-1',
    ]
    const settings = ['--command-property', 'acks=all', `batch.size=${batchBytes}`, 'linger.ms=5']
    const what = `${size === 100 ? '100 B' : '1 KiB'}, ${partitions === 1 ? '1 partition' : `${partitions} partitions`}, ${batchBytes / 1024} KiB batches`
    const to = ['--bootstrap-server', system.bootstrap]
    const sent = await withCpu(system, async () => {
      const text = await runTool('producer-perf-test', [...to, ...load, ...settings])
      return { rate: number(text, /records sent, ([\d.]+) records\/sec/) }
    })
    note(`producer-perf-test, ${what}`, sent, who)
    const read = await withCpu(system, async () => {
      // the last column: without the time that joining the group takes
      const text = await runTool('consumer-perf-test', [...to, '--topic', topic, '--num-records', String(records)])
      return { rate: number(text, /^20\d\d-.*, ([\d.]+)$/) }
    })
    note(`consumer-perf-test, ${what}`, read, who)
    await discard(system, topic)
  }
}

function note(what: string, { rate, cpu }: { rate: number; cpu: number }, who: Running['who']): void {
  record(group, what, 'records/s', who, rate)
  record(group, `${what}, processor time of the broker`, 's', who, cpu)
  const pairs = [
    { pair: { ours: 'weir', theirs: 'kafka' } as const, atLeast: 0.9 },
    { pair: { ours: 'weir unsynced', theirs: 'kafka', note: ', sync off' } as const, atLeast: 1 },
  ]
  for (const { pair, atLeast } of pairs) {
    compare(group, what, 'records/s', pair, { atLeast })
    compare(group, `${what}, processor time of the broker`, 's', pair, { atMost: what.startsWith('c') ? 2 : 1 })
  }
}

function number(text: string, pattern: RegExp): number {
  const found = [...text.matchAll(new RegExp(pattern, 'gm'))].at(-1)
  if (!found) throw new Error(`the tool printed no figure: ${text.slice(-300)}`)
  return Number(found[1])
}
