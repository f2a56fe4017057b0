/**
 * `npm run test:fuzz`: strangers on the socket. Rounds of attacks (fuzz/attacks.ts) against a Weir, each drawn from the seed, many at
 * once, while a client that behaves writes and reads (fuzz/good_client.ts). Afterwards the process must be the same, nothing may
 * have failed unexpectedly in it, every batch it wrote must be readable by itself and by Kafka's own tools, and its memory must
 * be back near where it was.
 *
 *   --seconds N      of attacks, default 40
 *   --rounds N       that they are divided into, default 2, each followed by some quiet
 *   --seed N         printed, so that a run can be repeated as far as time allows
 *   --attack NAME    that one alone
 *   --at-once N      attacks at the same time, default 8; 1 repeats a run closely
 *   --sabotage WHAT  breaks the broker's word on purpose, and passes if that is found: `kill` ends the broker, `stall` stops it
 *                    for a while, `damage` turns a byte of its log, `hold` keeps connections and what they sent
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { readVectors } from '../../server/protocol/check_vector.ts'
import { apis } from '../../server/protocol/messages/index.ts'
import { bounds } from '../../server/protocol/schema.ts'
import { Tools } from '../clients/cli/tools.ts'
import { chance } from '../lib/chance.ts'
import { root } from '../lib/paths.ts'
import { residentBytes, until } from '../lib/processes.ts'
import { report } from '../lib/report.ts'
import { startWeir, type Weir } from '../lib/weir.ts'
import { attacks, longAttacks, type Target } from './fuzz/attacks.ts'
import { GOOD_TOPIC, GoodClient, PATIENCE_MS } from './fuzz/good_client.ts'
import { Link } from './fuzz/link.ts'
import { sized, VICTIMS } from './fuzz/request.ts'

const MB = 1024 * 1024
/** What lives may have grown by so much: the tail of the logs stays in memory (32 MB at most), what unpacks zstd (17 MB), groups and producers. */
const liveBytes = 96 * MB
/** And what the process holds, because neither V8 nor malloc gives back at once what was used; of the 512 MB that it may take for requests and answers. */
const residentBound = 256 * MB
const settleMs = 8_000
const recordsPerSecond = 50

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '40' },
    rounds: { type: 'string', default: '2' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    attack: { type: 'string' },
    'at-once': { type: 'string', default: '8' },
    sabotage: { type: 'string' },
  },
})
const rounds = Number(options.rounds)
const folder = mkdtempSync(join(tmpdir(), 'weir-fuzz-'))
const dataDir = join(folder, 'data')
const results: { ok: boolean; title: string; why: string }[] = []
const check = (ok: boolean, title: string, why = '') => void results.push({ ok, title, why })

/** Half of what the system lets this process open, and the broker too. */
function connectionsAllowed(): number {
  const limit = Number(/Max open files\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 1_024)
  return Math.max(100, Math.min(3_000, Math.floor(limit / 2) - 300))
}

function vectors(): Target['vectors'] {
  const byName = new Map(apis.map((api) => [`${api.name}RequestData`, api]))
  return readVectors(join(root, 'server/protocol/vectors.ndjson.gz')).flatMap(({ message, version, hex }) => {
    const api = byName.get(message)
    return api ? [{ api, version, body: Buffer.from(hex, 'hex') }] : []
  })
}

async function targetOf(good: GoodClient, bootstrap: string): Promise<Omit<Target, 'over'>> {
  const { apiKeys } = await good.apiVersions()
  const served = apiKeys.flatMap(({ apiKey, minVersion, maxVersion }) => {
    const api = apis.find(({ key }) => key === apiKey)
    return api ? [{ api, lowest: minVersion, highest: Math.min(maxVersion, bounds(api.versions).highest) }] : []
  })
  const topicIds = (await good.topics()).filter(({ name }) => name !== GOOD_TOPIC).map(({ topicId }) => topicId)
  return { bootstrap, served, vectors: vectors(), topicIds, connections: connectionsAllowed() }
}

/** Names of attacks, each as often as its weight says. */
const draws = Object.entries(attacks).flatMap(([name, { weight }]) => Array.from({ length: weight }, () => name))

async function attackFor(target: Target, seed: number): Promise<{ count: number; findings: string[] }> {
  const findings: string[] = []
  let count = 0
  const run = async (name: string, seedOfOne: number) => {
    const attack =
      name in attacks ? attacks[name as keyof typeof attacks].run : longAttacks[name as keyof typeof longAttacks]
    try {
      const finding = await attack(chance(seedOfOne), target)
      if (finding) findings.push(`${name} ${seedOfOne}: ${finding}`)
    } catch (error) {
      findings.push(`${name} ${seedOfOne}: ${(error as Error).message}`)
    }
  }
  const c = chance(seed)
  const worker = async () => {
    while (!target.over()) {
      count++
      await run(options.attack ?? c.pick(draws), (seed * 1_000_003 + count) | 0)
    }
  }
  const workers = Array.from({ length: Number(options['at-once']) }, worker)
  const long = options.attack ? [] : Object.keys(longAttacks).map((name) => run(name, seed))
  await Promise.all([...workers, ...long])
  return { count, findings }
}

/** Takes away what the attacks made, so that what is left is what nobody needs. */
async function cleanUp(good: GoodClient): Promise<void> {
  const kept = new Set<string>([GOOD_TOPIC, ...VICTIMS])
  const made = (await good.topics()).map(({ name }) => name).filter((name) => !kept.has(name) && !name.startsWith('__'))
  await good.deleteTopics(made)
}

/**
 * Bytes of everything that is reachable in the process, its buffers too: it collects its garbage and writes a picture of its heap,
 * which Node does on a signal where it was told to at its start (`diagnostics`). Clients wait meanwhile.
 */
async function livingBytes(pid: number): Promise<number> {
  const pictures = () => readdirSync(folder).filter((name) => name.endsWith('.heapsnapshot'))
  for (const old of pictures()) rmSync(join(folder, old))
  process.kill(pid, 'SIGUSR2')
  const file = await until(() => pictures()[0], { what: 'a picture of the heap', limitMs: 30_000 })
  const parse = (): Picture | undefined => {
    try {
      return JSON.parse(readFileSync(join(folder, file), 'utf8'))
    } catch {
      return undefined // not written to its end
    }
  }
  const { snapshot, nodes } = await until(parse, { what: 'the whole picture of the heap', limitMs: 30_000 })
  const fields = snapshot.meta.node_fields
  let total = 0
  for (let at = fields.indexOf('self_size'); at < nodes.length; at += fields.length) total += nodes[at]!
  return total
}

interface Picture {
  snapshot: { meta: { node_fields: string[] } }
  nodes: number[]
}

const diagnostics = `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${folder}`

/** Every log by Kafka's own reader of logs, records and all; what it says is wrong. */
async function dumpLogs(): Promise<{ files: number; wrong: string[] }> {
  const files = readdirSync(dataDir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.log') && !name.includes('__cluster_metadata') && !name.includes('-delete'))
    .map((name) => join(dataDir, name))
    .filter((name) => statSync(name).size > 0)
  const tools = new Tools()
  const wrong: string[] = []
  for (const file of files) {
    const { status, output } = await tools.run({
      tool: 'dump-log',
      args: ['--files', file, '--deep-iteration'],
      only: '(?i)isvalid: false|exception|error|found|mismatch',
      limitMs: 60_000,
    })
    const said = output.split('\n').filter((line) => line !== '')
    if (status !== '0' || said.length > 0) wrong.push(`${file}: ${said[0] ?? `status ${status}`}`)
  }
  await tools.close()
  return { files: files.length, wrong }
}

async function sabotage(weir: Weir, pid: number): Promise<void> {
  await sleep(2_000)
  if (options.sabotage === 'kill') process.kill(pid, 'SIGKILL')
  if (options.sabotage === 'stall') {
    process.kill(pid, 'SIGSTOP')
    await sleep(PATIENCE_MS + 2_000)
    process.kill(pid, 'SIGCONT')
  }
  if (options.sabotage === 'hold') {
    for (let i = 0; i < 2_500; i++) {
      const link = await Link.open(weir.bootstrap)
      link.write(sized(Buffer.alloc(120_000), 200_000))
    }
  }
}

/** A byte in the middle of the first batch: nothing is cut off by it but that batch's checksum. */
function damageLog(): void {
  const file = join(dataDir, `${GOOD_TOPIC}-0/00000000000000000000.log`)
  const bytes = readFileSync(file)
  bytes[64]! ^= 0x55
  writeFileSync(file, bytes)
}

async function main(): Promise<void> {
  process.env.NODE_OPTIONS = diagnostics
  const weir = await startWeir({ dataDir, settings: { 'group.initial.rebalance.delay.ms': '0' } })
  delete process.env.NODE_OPTIONS
  const pid = weir.broker()!
  const good = await GoodClient.connect(weir.bootstrap)
  await good.createTopics([{ name: GOOD_TOPIC, partitions: 1 }, ...VICTIMS.map((name) => ({ name, partitions: 3 }))])
  good.begin(recordsPerSecond)
  await sleep(3_000)
  const before = residentBytes([pid])
  const livedBefore = await livingBytes(pid)
  const onTheSide = await GoodClient.connect(weir.bootstrap)
  const fixed = await targetOf(onTheSide, weir.bootstrap)
  const after: number[] = []
  const findings: string[] = []
  let count = 0
  console.log(
    `seed ${options.seed}: ${fixed.served.length} APIs, ${fixed.vectors.length} vectors, ${fixed.connections} connections`,
  )
  const breaking = sabotage(weir, pid)
  for (let round = 0; round < rounds; round++) {
    const end = Date.now() + (Number(options.seconds) / rounds) * 1_000
    const result = await attackFor({ ...fixed, over: () => Date.now() > end }, Number(options.seed) + round)
    count += result.count
    findings.push(...result.findings)
    if (weir.broker() !== pid) break
    await cleanUp(onTheSide).catch((error) => findings.push(`cleaning up: ${error.message}`))
    await sleep(settleMs)
    after.push(residentBytes([pid]))
  }
  await breaking
  const { acked } = await good.stop()
  const same = weir.broker() === pid
  const mb = (bytes: number) => `${Math.round(bytes / MB)} MB`
  console.log(
    `     ${count} attacks; ${acked} records of the client that behaves, its slowest answer took ${Math.round(good.slowestMs)} ms`,
  )

  check(same, 'the broker is the process that it was')
  check(findings.length === 0, 'strangers are answered or refused as they should', oneOfEachKind(findings))
  check(
    good.findings.length === 0,
    'the client that behaves has every record that was acknowledged, and was never kept waiting',
    good.findings[0],
  )
  if (same) {
    const unreadable = await readVictims(onTheSide)
    check(unreadable.length === 0, 'what strangers wrote can be read', unreadable[0])
    const grown = (await livingBytes(pid)) - livedBefore
    check(grown <= liveBytes, `what lives in memory has grown by ${mb(liveBytes)} at most`, mb(grown))
    const held = residentBytes([pid])
    check(held <= before + residentBound, `memory is back within ${mb(residentBound)} of where it was`, mb(held))
    console.log(
      `     memory before ${mb(before)}, after each round ${after.map(mb).join(', ')}, at last ${mb(held)}; what lives in it: ${mb(livedBefore)}, then ${mb(livedBefore + grown)}`,
    )
  }
  good.close()
  onTheSide.close()
  const unexpected = weir
    .output()
    .split('\n')
    .filter((line) => /failed unexpectedly|neither answered nor refused/.test(line))
  check(unexpected.length === 0, 'nothing failed in a way that the broker did not expect', oneOfEachKind(unexpected))
  writeFileSync(join(folder, 'weir.log'), weir.output())
  await weir.stop()
  if (options.sabotage === 'damage') damageLog()
  const { files, wrong } = await dumpLogs()
  check(files > 0 && wrong.length === 0, `Kafka's own tool reads every batch of ${files} logs`, wrong[0])
}

async function readVictims(client: GoodClient): Promise<string[]> {
  const wrong: string[] = []
  for (const { name, partitions } of await client.topics()) {
    if (name.startsWith('__')) continue
    for (const partition of partitions) await client.read(name, partition).catch((error) => wrong.push(error.message))
  }
  return wrong
}

/** Numbers apart, they say the same. */
function oneOfEachKind(lines: string[]): string {
  const kinds = new Map(lines.map((line) => [line.replace(/\d+/g, 'N').slice(-160), line]))
  return `${lines.length} times\n       ${[...kinds.values()].slice(0, 15).join('\n       ')}`
}

try {
  await main()
} catch (error) {
  check(false, 'the run', (error as Error).stack)
}
const failed = results.filter(({ ok }) => !ok).length
for (const { ok, title, why } of results) console.log(`${ok ? 'ok  ' : 'FAIL'} ${title}${ok || !why ? '' : `: ${why}`}`)
if (failed === 0 || options.sabotage) rmSync(folder, { recursive: true, force: true })
else console.log(`Data and log in ${folder}`)
if (options.sabotage) {
  console.log(`${failed > 0 ? 'ok  ' : 'FAIL'} a broker that is broken so is found: ${options.sabotage}`)
  report(`fuzz-${options.sabotage}`, failed > 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 })
} else report('fuzz', { passed: results.length - failed, failed })
process.exit()
