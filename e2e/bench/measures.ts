/** The measurements. Each takes a side or a running system and records rows; none knows of repetitions. */
import { spawn, spawnSync } from 'node:child_process'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuSeconds, residentBytes } from '../lib/processes.ts'
import type { System } from '../lib/system.ts'
import * as probe from './probe.ts'
import { nameColumns, record, type SideName, type Target } from './results.ts'
import type { Side } from './sides.ts'

const MiB = 2 ** 20
const restMs = 10_000
const idleMs = 5_000
const atLeast: Target = { atLeast: 0.7 }

export interface Sizes {
  /** Records of 100 B and of 1 KiB in a throughput run. */
  small: number
  large: number
  latencySeconds: number
  unflushed: number
  streamed: number
}

let topics = 0
const newTopic = () => `bench-${process.pid}-${topics++}`

/** Start-up in three states, and what a fresh system takes while nobody uses it. */
export async function startUp(side: Side, parent: string, { unflushed }: Sizes): Promise<void> {
  const group = 'Start to first acknowledged record'
  const place = await side.place(parent)
  const timed = async (what: string): Promise<System> => {
    const system = await side.start(place, { wait: false })
    const { produce_ms } = await probe.ready(system.bootstrap, system.startedAtMs)
    record(group, what, 'ms', side.name, produce_ms, { target: { atMost: 0.25 } })
    return system
  }
  let system = await timed('empty folder')
  await side.settled(system)
  await sleep(restMs)
  atRest(side.name, system)
  const before = cpuSeconds(system.all())
  await sleep(idleMs)
  record(
    'At rest',
    'processor, all processes',
    '% of a core',
    side.name,
    ((cpuSeconds(system.all()) - before) / (idleMs / 1000)) * 100,
  )
  const stopping = Date.now()
  await system.stop()
  record(group, 'a clean stop takes', 'ms', side.name, Date.now() - stopping)

  system = await timed('after a clean stop')
  await side.settled(system)
  const topic = newTopic()
  await probe.createTopic(system.bootstrap, topic, 1)
  // acks=1: neither side has synced what it then finds after the crash
  await probe.produce(system.bootstrap, topic, { records: unflushed, size: 100, acks: '1', batchBytes: 131_072 })
  await system.kill()
  system = await timed(`after SIGKILL with ${unflushed.toLocaleString('en-US')} records not flushed`)
  await system.stop()
  rmSync(place.dataDir, { recursive: true })
}

function atRest(side: SideName, system: System): void {
  record('At rest', 'memory, engine (supervisor and broker)', 'MiB', side, residentBytes(system.engine()) / MiB, {
    target: { atMost: 0.4 },
  })
  record('At rest', 'memory, all processes (with the console)', 'MiB', side, residentBytes(system.all()) / MiB)
}

export function afterLoad(side: SideName, system: System): void {
  record(
    'After the whole load',
    'memory, engine (supervisor and broker)',
    'MiB',
    side,
    residentBytes(system.engine()) / MiB,
  )
  record(
    'After the whole load',
    'memory, all processes (with the console)',
    'MiB',
    side,
    residentBytes(system.all()) / MiB,
  )
}

/** Brings code and files to where they are in a system that has been running for a while. */
export async function warmUp({ bootstrap }: System, { small }: Sizes): Promise<void> {
  for (const acks of ['1', 'all'] as const) {
    const topic = newTopic()
    await probe.createTopic(bootstrap, topic, 6)
    await probe.produce(bootstrap, topic, { records: small, size: 100, acks, batchBytes: 131_072 })
    await probe.consume(bootstrap, topic, small)
    await probe.deleteTopic(bootstrap, topic)
  }
}

export interface Case {
  partitions: number
  size: number
  acks: '1' | 'all'
}

export const cases: Case[] = [100, 1024].flatMap((size) =>
  [1, 6].flatMap((partitions) => (['1', 'all'] as const).map((acks) => ({ size, partitions, acks }))),
)

const title = ({ size, partitions, acks }: Case) =>
  `${size === 100 ? '100 B' : '1 KiB'}, ${partitions} ${partitions === 1 ? 'partition' : 'partitions'}, acks=${acks}`

async function withCpu<T>(system: System, work: () => Promise<T>): Promise<T & { cpu: number }> {
  const engine = system.engine()
  const before = cpuSeconds(engine)
  const result = await work()
  return { ...result, cpu: cpuSeconds(engine) - before }
}

const syncOff = ', sync off'

/** Produces as fast as the client can; with acks=all also reads it back, from where it was just written and from the disk. */
export async function throughput(
  side: SideName,
  system: System,
  one: Case,
  dataDir: string,
  sizes: Sizes,
): Promise<void> {
  const topic = newTopic()
  const records = await produce(side, system, topic, one, sizes)
  if (one.acks === 'all') {
    const read = async (what: string) => {
      const name = `${title(one).replace(', acks=all', '')}, ${what}`
      const consumed = await withCpu(system, () => probe.consume(system.bootstrap, topic, records))
      record('Consume', name, 'records/s', side, consumed.records_s, { target: atLeast })
      record('Consume, processor time of the broker', name, 's', side, consumed.cpu)
    }
    await read('just written')
    forgetPages(dataDir, topic)
    await read('from the disk')
  }
  await discard(system, topic)
}

/** Ours with the sync off, beside what Apache Kafka reached with acks=all. */
export async function unsyncedThroughput(system: System, one: Case, sizes: Sizes): Promise<void> {
  const topic = newTopic()
  await produce('weir', system, topic, one, sizes, syncOff)
  await discard(system, topic)
}

async function produce(
  side: SideName,
  system: System,
  topic: string,
  one: Case,
  sizes: Sizes,
  note = '',
): Promise<number> {
  const records = one.size === 100 ? sizes.small : sizes.large
  await probe.createTopic(system.bootstrap, topic, one.partitions)
  const load = { records, size: one.size, acks: one.acks, batchBytes: 131_072 }
  const { records_s, cpu } = await withCpu(system, () => probe.produce(system.bootstrap, topic, load))
  const against = note && title(one)
  record('Produce', title(one) + note, 'records/s', side, records_s, { target: atLeast, against })
  record('Produce, processor time of the broker', title(one) + note, 's', side, cpu, { against })
  return records
}

async function discard(system: System, topic: string): Promise<void> {
  await probe.deleteTopic(system.bootstrap, topic)
  await sleep(500)
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

export async function latency(
  side: SideName,
  system: System,
  acks: Case['acks'],
  { latencySeconds }: Sizes,
  note = '',
): Promise<void> {
  const topic = newTopic()
  await probe.createTopic(system.bootstrap, topic, 1)
  const measured = await withCpu(system, () => probe.endToEnd(system.bootstrap, topic, 1_000, latencySeconds, acks))
  const row = (what: string, unit: string, value: number) =>
    record('End to end at 1,000 records a second, 100 B', `acks=${acks}${note}, ${what}`, unit, side, value, {
      against: note && `acks=${acks}, ${what}`,
    })
  row('p50', 'ms', measured.p50)
  row('p99', 'ms', measured.p99)
  row('processor time of the broker', 's', measured.cpu)
  await discard(system, topic)
}

export const unsyncedLatency = (system: System, sizes: Sizes) => latency('weir', system, 'all', sizes, syncOff)

/** One connection that streams v3 records of 1 KB, and `kcat -P` with the same records into the same broker. */
export async function http(system: System, url: string, parent: string, { streamed }: Sizes): Promise<void> {
  const group = 'HTTP, one connection streaming v3 records of 1 KB'
  nameColumns(group, 'HTTP', 'kcat -P')
  const lines = join(parent, 'lines')
  writeFileSync(lines, `${'x'.repeat(1_000)}\n`.repeat(streamed))
  const [byHttp, byKcat] = [newTopic(), newTopic()]
  for (const topic of [byHttp, byKcat]) await probe.createTopic(system.bootstrap, topic, 1)
  const started = performance.now()
  const kcat = spawn('kcat', ['-q', '-P', '-b', system.bootstrap, '-t', byKcat, '-l', lines], { stdio: 'ignore' })
  const status = await new Promise((resolve) => kcat.once('error', resolve).once('exit', resolve))
  if (status !== 0) throw new Error(`kcat ended with ${status}`)
  record(group, 'records acknowledged', 'records/s', 'kafka', streamed / ((performance.now() - started) / 1000))
  const rate = await probe.stream(url, system.bootstrap, byHttp, streamed, 1_000)
  record(group, 'records acknowledged', 'records/s', 'weir', rate.records_s, { target: { atLeast: 0.15 } })
  rmSync(lines)
  for (const topic of [byHttp, byKcat]) await discard(system, topic)
}
