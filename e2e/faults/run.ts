/**
 * `npm run test:faults`: kills Weir with SIGKILL, in several ways in turn (`ways`), while producers write and consumer groups of both
 * protocols commit, and lets the judge read what they were told. Then a disk that is full under load (full_disk.ts), and whether
 * anything outlives its supervisor (orphans.ts).
 *
 * `npm run test:faults -- cluster`: a controller and three brokers instead (cluster.ts), with its own 200 faults.
 *
 *   --kills N        default 100 (of a cluster 200): about four minutes on two cores
 *   --seed N         when to kill; printed, so that a run can be repeated as far as time allows
 *   --only WORD      one of `kills`, `disk`, `orphans`
 *   --system NAME    weir (default) or kafka, which has but the kills of everything
 *   --sabotage WHAT  breaks the broker's word on purpose while it is down, and passes if the judge finds it:
 *                    `records` cuts the last bytes off a partition's log, `offsets` empties the consumer offsets
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { chance } from '../lib/chance.ts'
import { startKafka } from '../lib/kafka.ts'
import { freePort, isAlive, processTree, until } from '../lib/processes.ts'
import { report } from '../lib/report.ts'
import type { System } from '../lib/system.ts'
import { startWeir } from '../lib/weir.ts'
import { clusterFaults } from './cluster.ts'
import { fullDisk } from './full_disk.ts'
import { judge, parseHistory, tampering } from './judge.ts'
import { buildLoad, endLoad, oneOfEachKind, progress, serving, startLoad } from './loaded.ts'
import { orphans } from './orphans.ts'

const partitions = 3
const topic = 'faults'
/** What must be acknowledged between two kills: a kill of an idle broker shows nothing. */
const between = { records: 300, commits: 3 }
/** A group that forms at once leaves more time for commits; a cleaner that looks often more for compaction. */
const settings = { 'group.initial.rebalance.delay.ms': '0', 'log.cleaner.backoff.ms': '500' }
/** How long the children of a supervisor that was killed may take to end. */
const orphanLimitMs = 10_000
const orphanRounds = 12

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kills: { type: 'string' },
    only: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    system: { type: 'string', default: 'weir' },
    sabotage: { type: 'string' },
  },
})
const ofCluster = positionals.includes('cluster')
const kills = Number(options.kills ?? (ofCluster ? 200 : 100))
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

interface Victim {
  system: System
  /** Starts it anew. */
  up(wait?: boolean): Promise<System>
  /** In [0, 1), as the seed decides. */
  next(): number
}

/** The ways of dying, in turn; each resolves with the system that runs then. */
const ways: Record<string, (victim: Victim) => Promise<System>> = {
  async 'the broker'({ system }) {
    await killBroker(system)
    return system
  },
  async everything({ system, up }) {
    await system.kill()
    return up()
  },
  async 'the broker, and again while it recovers'({ system, next }) {
    const before = new Set(processTree(system.engine()[0]!))
    await killBroker(system)
    const again = () => processTree(system.engine()[0]!).find((pid) => !before.has(pid))
    const pid = await until(again, { what: 'the broker started again' })
    await sleep(next() * 250)
    process.kill(pid, 'SIGKILL')
    return system
  },
  async 'the supervisor alone'({ system, up }) {
    const tree = system.all()
    process.kill(tree[0]!, 'SIGKILL')
    await until(() => !tree.some(isAlive), {
      what: 'the end of what the supervisor had started',
      limitMs: orphanLimitMs,
    })
    await system.kill()
    return up()
  },
  async 'everything, and again while it recovers'({ system, up, next }) {
    await system.kill()
    const again = await up(false)
    await sleep(next() * 500)
    await again.kill()
    return up()
  },
}

async function killBroker(system: System): Promise<void> {
  const pid = await until(() => system.broker(), { what: 'a broker to kill' })
  process.kill(pid, 'SIGKILL')
  await until(() => !isAlive(pid), { what: 'the death of the broker' })
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

async function killing(): Promise<void> {
  const program = buildLoad()
  const { next } = chance(Number(options.seed))
  const port = await freePort()
  const up = (wait = true) =>
    options.system === 'kafka'
      ? startKafka({ dataDir, port, settings, wait })
      : startWeir({ dataDir, port, settings, wait })
  console.log(`${kills} kills of ${options.system}, seed ${options.seed}`)
  const startedAt = Date.now()
  let system: System = await up()
  const load = startLoad(program, system.bootstrap, topic, partitions, historyFile)
  // Apache Kafka has no supervisor, and what is to be changed on disk must be changed while nothing runs
  const names = options.system === 'weir' && !options.sabotage ? Object.keys(ways) : ['everything']
  const died: Record<string, number> = {}
  for (let kill = 0; kill < kills; kill++) {
    await serving(load, between)
    await sleep(next() * 700)
    const name = names[kill % names.length]!
    if (options.sabotage) {
      await system.kill()
      sabotage(options.sabotage)
      system = await up()
    } else system = await ways[name]!({ system, up, next })
    died[name] = (died[name] ?? 0) + 1
  }
  if (!options.sabotage) await serving(load, between)
  const { records } = progress(load)
  const ended = await endLoad(load, 90_000)
  await system.stop()

  const history = parseHistory(readFileSync(historyFile, 'utf8'))
  const findings = judge(history)
  if (options.sabotage) {
    for (const finding of oneOfEachKind(findings)) console.log(`     ${finding}`)
    return check(findings.length > 0, `the judge convicts a broker whose ${options.sabotage} were cut`)
  }
  const seconds = Math.round((Date.now() - startedAt) / 1000)
  const deaths = Object.entries(died).map(([name, times]) => `${times} times ${name}`)
  console.log(`     in ${seconds} s: ${deaths.join('; ')}`)
  console.log(
    `     ${records} records acknowledged, ${history.final.length} kept, ${history.commits.length} commits, ${history.observations.length} looks at them; ${history.kept.length} of ${history.puts.length} values kept`,
  )
  check(ended === 0, 'the clients came through and read to the end', `${ended} ${load.output().slice(-300)}`)
  check(history.kept.length < history.puts.length, 'keys were compacted between the kills')
  check(history.observations.length > kills, 'what was committed was looked at between the kills')
  check(
    findings.length === 0,
    'every acknowledged record is there once and in order, no committed offset went back, no key lost its last value',
    oneOfEachKind(findings).join('; '),
  )
  for (const [crime, tamper] of Object.entries(tampering)) {
    check(
      judge(tamper(history)).some((finding) => finding.includes(crime)),
      `the judge convicts on this history made worse: ${crime}`,
    )
  }
}

const parts: Record<string, () => Promise<void>> = {
  kills: killing,
  async disk() {
    const { leftOut, findings } = await fullDisk(join(folder, 'full'))
    if (leftOut) console.log(`left out: a full disk: ${leftOut}`)
    else
      check(
        findings.length === 0,
        'a full disk refuses what is new, the process stays, and it serves once there is room',
        findings.join('; '),
      )
  },
  async orphans() {
    const findings = await orphans(join(folder, 'orphans'), chance(Number(options.seed)), orphanRounds)
    check(findings.length === 0, `nothing outlives its supervisor, ${orphanRounds} ends of it`, findings.join('; '))
  },
}

async function ofClusters(): Promise<void> {
  const kind = options.system === 'kafka' ? 'kafka' : 'weir'
  await clusterFaults({ kind, faults: kills, seed: Number(options.seed), folder, check })
}

try {
  if (ofCluster) await ofClusters()
  const alone = options.sabotage || options.system === 'kafka' ? ['kills'] : Object.keys(parts)
  const chosen = ofCluster ? [] : alone
  for (const name of chosen) if (!options.only || options.only === name) await parts[name]!()
} catch (error) {
  check(false, 'the run', (error as Error).message)
}
if (failed === 0) rmSync(folder, { recursive: true })
else console.log(`Data and history in ${folder}`)
const name = ofCluster ? 'faults-cluster' : options.sabotage ? `faults-${options.sabotage}` : 'faults'
report(name, { passed, failed })
process.exit()
