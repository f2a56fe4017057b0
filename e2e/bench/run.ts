/**
 * `npm run bench`: Weir beside Apache Kafka in one run, alternating, and a table of ratios in RESULTS.md.
 *
 *   --repeat N    repetitions, default 3
 *   --quick       a tenth of the records, one repetition: to see that it works
 *   --only WORDS  of startup,throughput,latency,http
 *   --out FILE    instead of RESULTS.md
 *   --self        Apache Kafka on both sides: what then differs from 1 is noise
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { kafkaVersion } from '../lib/kafka.ts'
import { root } from '../lib/paths.ts'
import type { System } from '../lib/system.ts'
import type { Weir } from '../lib/weir.ts'
import * as measure from './measures.ts'
import { buildProbe } from './probe.ts'
import { markdown, missed } from './results.ts'
import { kafka, type Place, type Side, weir } from './sides.ts'

const { values: options } = parseArgs({
  options: {
    repeat: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: 'startup,throughput,latency,http' },
    out: { type: 'string', default: join(root, 'e2e/bench/RESULTS.md') },
    self: { type: 'boolean', default: false },
  },
})
const repetitions = Number(options.repeat ?? (options.quick ? 1 : 3))
const full: measure.Sizes = {
  small: 1_000_000,
  large: 200_000,
  latencySeconds: 10,
  unflushed: 1_000_000,
  streamed: 200_000,
}
const quick: measure.Sizes = { small: 100_000, large: 20_000, latencySeconds: 3, unflushed: 100_000, streamed: 20_000 }
const sizes = options.quick ? quick : full
const wanted = (name: string) => options.only.split(',').includes(name)
const sides: Side[] = [options.self ? { ...kafka, name: 'weir' } : weir, kafka]
const folder = mkdtempSync(join(tmpdir(), 'weir-bench-'))

interface Running {
  side: Side
  system: System
  place: Place
}

async function run(side: Side, settings: Record<string, string> = {}): Promise<Running> {
  const place = await side.place(folder)
  const system = await side.start(place, { settings })
  await side.settled(system)
  await measure.warmUp(system, sizes)
  return { side, system, place }
}

/** Both sides run at once, one of them loaded at a time, so that the two figures of a pair are seconds apart. */
async function load(order: Side[]): Promise<void> {
  const running: Running[] = []
  try {
    for (const side of order) running.push(await run(side))
    const unsynced = options.self ? undefined : await run(weir, { 'weir.acks.all.sync': 'false' })
    if (unsynced) running.push(unsynced)
    for (const one of wanted('throughput') ? measure.cases : []) {
      for (const { side, system, place } of running.filter((each) => each !== unsynced)) {
        await measure.throughput(side.name, system, one, place.dataDir, sizes)
      }
      if (one.acks === 'all' && unsynced) await measure.unsyncedThroughput(unsynced.system, one, sizes)
    }
    for (const acks of wanted('latency') ? (['1', 'all'] as const) : []) {
      for (const { side, system } of running.filter((each) => each !== unsynced)) {
        await measure.latency(side.name, system, acks, sizes)
      }
      if (acks === 'all' && unsynced) await measure.unsyncedLatency(unsynced.system, sizes)
    }
    for (const { side, system } of running.filter((each) => each !== unsynced)) measure.afterLoad(side.name, system)
    const ours = running.find(({ side }) => side === weir)
    if (ours && wanted('http')) await measure.http(ours.system, await (ours.system as Weir).console(), folder, sizes)
  } catch (error) {
    const states = running.map(({ side, system }) => `${side.name}'s broker ${system.broker() ? 'runs' : 'is gone'}`)
    throw new Error(`${(error as Error).message}; ${states.join(', ')}`)
  } finally {
    for (const { system } of running) await system.stop()
  }
}

const loadBefore = loadavg()[0]!
try {
  buildProbe()
  // the first start of a checkout builds what is missing, which is not what is measured
  if (!options.self) {
    const first = await weir.start(await weir.place(folder))
    await weir.settled(first)
    await first.stop()
  }
  for (let repetition = 0; repetition < repetitions; repetition++) {
    console.log(`Repetition ${repetition + 1} of ${repetitions}`)
    const order = repetition % 2 === 0 ? sides : [...sides].reverse()
    if (wanted('startup')) for (const side of order) await measure.startUp(side, folder, sizes)
    if (['throughput', 'latency', 'http'].some(wanted)) await load(order)
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const versions = `Weir ${version} on Node ${process.versions.node}, Apache Kafka ${kafkaVersion()}`
  writeFileSync(options.out, markdown({ repetitions, quick: options.quick, versions, loadBefore }))
  console.log(`Written to ${options.out}`)
  for (const what of missed()) console.log(`missed: ${what}`)
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exit()
