/**
 * `npm run test:faults`: kills the broker with SIGKILL while idempotent producers write and a consumer group commits, and lets the
 * judge read what they were told. Every other kill takes the broker's process alone, which the supervisor starts again; the others
 * take the whole tree, which is started again here.
 *
 *   --kills N        default 20
 *   --seed N         when to kill; printed, so that a run can be repeated as far as time allows
 *   --system NAME    weir (default) or kafka
 *   --sabotage WHAT  breaks the broker's word on purpose while it is down, and passes if the judge finds it:
 *                    `records` cuts the last bytes off a partition's log, `offsets` empties the consumer offsets
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startKafka } from '../lib/kafka.ts'
import { cache, root } from '../lib/paths.ts'
import { freePort, isAlive, type Started, start, until } from '../lib/processes.ts'
import { report } from '../lib/report.ts'
import type { System } from '../lib/system.ts'
import { startWeir } from '../lib/weir.ts'
import { judge, parseHistory, tampering } from './judge.ts'

const partitions = 3
const topic = 'faults'
/** What must be acknowledged between two kills: a kill of an idle broker shows nothing. */
const recordsBetween = 300
const commitsBetween = 5
/** A group that forms at once leaves more time for commits. */
const settings = { 'group.initial.rebalance.delay.ms': '0' }

const { values: options } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    system: { type: 'string', default: 'weir' },
    sabotage: { type: 'string' },
  },
})
const kills = Number(options.kills)
const folder = mkdtempSync(join(tmpdir(), 'weir-faults-'))
const dataDir = join(folder, 'data')
const historyFile = join(folder, 'history')
let passed = 0
let failed = 0

function check(ok: boolean, title: string, why = ''): void {
  if (ok) passed++
  else failed++
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${title}${ok || !why ? '' : `: ${why}`}`)
}

/** Numbers in [0, 1) that the seed decides (mulberry32). */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function buildLoad(): string {
  const program = join(cache, 'weir/load')
  mkdirSync(join(cache, 'weir'), { recursive: true })
  const built = spawnSync('go', ['build', '-o', program, '.'], { cwd: join(root, 'e2e/faults/load'), encoding: 'utf8' })
  if (built.status !== 0) throw new Error(`building the load failed: ${built.stderr ?? built.error?.message}`)
  return program
}

/** Records and commits acknowledged so far. */
function progress(load: Started): { records: number; commits: number } {
  const [records = 0, commits = 0] = (load.output().trimEnd().split('\n').at(-1) ?? '').split(' ').map(Number)
  return { records, commits }
}

/** Waits until the broker serves producers and consumers again. */
async function serving(load: Started): Promise<void> {
  const before = progress(load)
  const moved = () => {
    const now = progress(load)
    return now.records >= before.records + recordsBetween && now.commits >= before.commits + commitsBetween
  }
  await until(moved, { what: 'producers and consumers after a restart', limitMs: 60_000, process: load })
}

/** Breaks the longest segment of a topic, as a disk that lied about a sync would: records lose their end, offsets all. */
function sabotage(what: string): void {
  const { of, bytes } =
    what === 'records' ? { of: `${topic}-`, bytes: 4_000 } : { of: '__consumer_offsets-', bytes: Infinity }
  const segments = readdirSync(dataDir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.split('/').at(-2)?.startsWith(of) && name.endsWith('.log'))
    .map((name) => ({ path: join(dataDir, name), size: statSync(join(dataDir, name)).size }))
    .sort((a, b) => b.size - a.size)
  const longest = segments[0]
  if (!longest) throw new Error(`no segment of ${of} to cut`)
  truncateSync(longest.path, Math.max(0, longest.size - bytes))
}

/** Findings begin with their kind and a colon. */
function oneOfEachKind(findings: string[]): string[] {
  return [...new Map(findings.map((finding) => [finding.split(':')[0], finding])).values()]
}

async function main(): Promise<void> {
  const program = buildLoad()
  const next = chance(Number(options.seed))
  const port = await freePort()
  const up = () =>
    options.system === 'kafka' ? startKafka({ dataDir, port, settings }) : startWeir({ dataDir, port, settings })
  console.log(`${kills} kills of ${options.system}, seed ${options.seed}`)
  let system: System = await up()
  const load = start(program, [system.bootstrap, topic, String(partitions), historyFile], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let alone = 0
  for (let kill = 0; kill < kills; kill++) {
    await serving(load)
    await sleep(next() * 700)
    const broker = system.broker()
    // Apache Kafka has no supervisor, and what is to be changed on disk must be changed while nothing runs
    if (kill % 2 === 0 && broker !== undefined && options.system === 'weir' && !options.sabotage) {
      alone++
      process.kill(broker, 'SIGKILL')
      await until(() => !isAlive(broker), { what: 'the death of the broker' })
    } else {
      await system.kill()
      if (options.sabotage) sabotage(options.sabotage)
      system = await up()
    }
  }
  if (!options.sabotage) await serving(load)
  const { records, commits } = progress(load)
  load.child.stdin!.end()
  const ended = await Promise.race([load.ended, sleep(90_000, 'late')])
  if (ended === 'late') await load.kill()
  await system.stop()

  const history = parseHistory(readFileSync(historyFile, 'utf8'))
  const findings = judge(history)
  if (options.sabotage) {
    for (const finding of oneOfEachKind(findings)) console.log(`     ${finding}`)
    return check(findings.length > 0, `the judge convicts a broker whose ${options.sabotage} were cut`)
  }
  console.log(
    `     ${records} records acknowledged, ${history.final.length} kept, ${commits} commits, ${history.observations.length} looks at them`,
  )
  check(ended === 0, 'the clients came through and read to the end', `${ended} ${load.output().slice(-300)}`)
  check(history.observations.length > kills, 'what was committed was looked at between the kills')
  if (options.system === 'weir')
    check(alone === Math.ceil(kills / 2), 'the supervisor started the broker again each time', `${alone} times`)
  check(
    findings.length === 0,
    'every acknowledged record is there once and in order, and no committed offset went back',
    oneOfEachKind(findings).join('; '),
  )
  for (const [crime, tamper] of Object.entries(tampering)) {
    check(
      judge(tamper(history)).some((finding) => finding.includes(crime)),
      `the judge convicts on this history made worse: ${crime}`,
    )
  }
}

try {
  await main()
} catch (error) {
  check(false, 'the run', (error as Error).message)
}
if (failed === 0) rmSync(folder, { recursive: true })
else console.log(`Data and history in ${folder}`)
report(options.sabotage ? `faults-${options.sabotage}` : 'faults', { passed, failed })
process.exit()
