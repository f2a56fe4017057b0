/**
 * `npm run bench`: Weir beside Apache Kafka in one run, alternating, and a table of ratios in RESULTS.md.
 *
 *   --repeat N    repetitions, default 3
 *   --quick       a tenth of the records, one repetition: to see that it works
 *   --only WORDS  of startup,idle,throughput,tools,latency,topics,http,cluster; what is not measured stays in the file as it was
 *   --cases WORDS only throughput cases whose rows contain one of these, e.g. "1 KiB, 6"; separated by semicolons
 *   --out FILE    instead of RESULTS.md
 *   --self        Apache Kafka in our stead: what then differs from 1 is noise
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { kafkaVersion } from '../lib/kafka.ts'
import { root } from '../lib/paths.ts'
import type { Weir } from '../lib/weir.ts'
import { type Contender, compareKafkaWithItself, isKafka, place, settled, start } from './contenders.ts'
import { cluster } from './measures/cluster.ts'
import { http } from './measures/http.ts'
import { idle } from './measures/idle.ts'
import { javaTools } from './measures/java_tools.ts'
import { latency } from './measures/latency.ts'
import { newTopic, type Running, type Sizes } from './measures/lib.ts'
import { memory } from './measures/memory.ts'
import { startUp } from './measures/start_up.ts'
import { cases, concerns, throughput, title } from './measures/throughput.ts'
import { manyTopics } from './measures/topics.ts'
import * as probe from './probe.ts'
import { markdown, missed } from './results.ts'

const { values: options } = parseArgs({
  options: {
    repeat: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: 'startup,idle,throughput,tools,latency,topics,http,cluster' },
    cases: { type: 'string', default: '' },
    out: { type: 'string', default: join(root, 'e2e/bench/RESULTS.md') },
    self: { type: 'boolean', default: false },
  },
})
const repetitions = Number(options.repeat ?? (options.quick ? 1 : 3))
const full: Sizes = {
  small: 1_000_000,
  large: 200_000,
  latencySeconds: 10,
  unflushed: 1_000_000,
  streamed: 200_000,
  topics: 1_000,
  idlers: 1_000,
}
const scale = options.quick ? 0.1 : 1
const sizes = Object.fromEntries(Object.entries(full).map(([name, size]) => [name, size * scale])) as unknown as Sizes
if (options.quick) sizes.latencySeconds = 3
const wanted = (name: string) => options.only.split(',').includes(name)
const chosen = cases.filter((one) => options.cases.split(';').some((words) => title(one).includes(words.trim())))
const folder = mkdtempSync(join(tmpdir(), 'weir-bench-'))
if (options.self) compareKafkaWithItself()

async function run(who: Contender): Promise<Running> {
  const at = await place(who, folder)
  const system = await start(who, at)
  await settled(system)
  // Brings code and files to where they are in a system that has been running for a while.
  for (const acks of ['1', 'all'] as const) {
    const topic = newTopic()
    await probe.createTopic(system.bootstrap, topic, 6)
    const load = { records: sizes.small, size: 100, acks, batchBytes: 131_072, codec: 'none' } as const
    await probe.produce(system.bootstrap, topic, load)
    await probe.consume(system.bootstrap, topic, sizes.small)
    await probe.deleteTopic(system.bootstrap, topic)
  }
  return { who, system, place: at }
}

/** All run at once, one of them loaded at a time, so that the figures of a pair are seconds apart. */
async function load(order: Contender[]): Promise<void> {
  const running: Running[] = []
  const main = () => running.filter(({ who }) => who === 'weir' || who === 'kafka')
  try {
    for (const who of order) running.push(await run(who))
    for (const one of wanted('throughput') ? chosen : []) {
      for (const each of running) if (concerns(one, each.who)) await throughput(each, one, sizes)
    }
    for (const each of wanted('tools') ? running : []) {
      if (each.who !== 'kafka flushing') await javaTools(each, scale)
    }
    for (const acks of wanted('latency') ? (['1', 'all'] as const) : []) {
      for (const each of running) await latency(each, acks, sizes)
    }
    for (const each of wanted('topics') ? main() : []) await manyTopics(each, sizes)
    for (const { who, system } of main()) memory('After the whole load', who, system, { atMost: 0.3 })
    const ours = running.find(({ who }) => who === 'weir')!.system
    if (wanted('http') && !options.self) await http(ours, await (ours as Weir).console(), folder, sizes)
  } catch (error) {
    const states = running.map(({ who, system }) => `the broker of ${who} ${system.broker() ? 'runs' : 'is gone'}`)
    throw new Error(`${(error as Error).message}; ${states.join(', ')}`)
  } finally {
    for (const { system } of running) await system.stop()
  }
}

const loadBefore = loadavg()[0]!
try {
  probe.buildProbe()
  // the first start of a checkout builds what is missing, which is not what is measured
  const first = await start('weir', await place('weir', folder))
  await settled(first)
  await first.stop()
  for (let repetition = 0; repetition < repetitions; repetition++) {
    console.log(`Repetition ${repetition + 1} of ${repetitions}`)
    const turn = <T>(list: T[]) => (repetition % 2 === 0 ? list : [...list].reverse())
    if (wanted('startup')) for (const who of turn<Contender>(['weir', 'kafka'])) await startUp(who, folder, sizes)
    if (wanted('idle')) for (const who of turn<Contender>(['weir', 'kafka'])) await idle(who, folder, sizes)
    if (['throughput', 'tools', 'latency', 'topics', 'http'].some(wanted)) {
      await load(turn<Contender>(['weir', 'kafka', 'weir unsynced', 'kafka flushing']))
    }
    for (const who of wanted('cluster') ? turn<'weir' | 'kafka'>(['weir', 'kafka']) : [])
      await cluster(who, isKafka(who), folder, sizes)
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const versions = `Weir ${version} on Node ${process.versions.node}, Apache Kafka ${kafkaVersion()}`
  const before = existsSync(options.out) ? readFileSync(options.out, 'utf8') : ''
  writeFileSync(options.out, markdown({ repetitions, quick: options.quick, versions, loadBefore }, before))
  console.log(`Written to ${options.out}`)
  for (const what of missed()) console.log(`missed: ${what}`)
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exit()
