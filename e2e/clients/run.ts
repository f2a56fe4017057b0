/**
 * `npm run test:clients`: the documents' programs (seeds/), then the matrix of real clients (matrix.ts), against a Weir on a fresh
 * data folder at 127.0.0.1:9092, the address that the documents' programs hold. Then Kafka's command-line tools (cli/), beside an Apache Kafka.
 *
 *   --bootstrap HOST:PORT   against a broker that runs already; the documents' programs run only if it is localhost:9092
 *   --only WORD[,WORD]      only the clients whose name and version contain a word; `seeds` for the documents' programs, `cli` for
 *                           the command-line tools
 *   --phases NAME[,NAME]    other phases than those of matrix.ts; `all` for all
 *   --no-setup              fetch and build nothing
 *   --brokers N             on a cluster of so many; topics then have three replicas (the documents' own what their documents say)
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { inSync } from '../lib/in_sync.ts'
import { isPortOpen, type Started, start } from '../lib/processes.ts'
import { type Counts, report } from '../lib/report.ts'
import { startWeir, type Weir } from '../lib/weir.ts'
import { runCli } from './cli/run.ts'
import { type Client, clients, here, leftOut, phases } from './matrix.ts'

/** Two cores: more at once only makes timeouts tight. The documents' programs mostly wait, and take as long as all the clients after one another. */
const atOnce = 2
const clientLimitMs = 180_000
const phaseNames = [...phases, 'txn']
const seedsAddress = 'localhost:9092'

const { values: options } = parseArgs({
  options: {
    bootstrap: { type: 'string' },
    only: { type: 'string' },
    phases: { type: 'string', default: phases.join(',') },
    'no-setup': { type: 'boolean', default: false },
    brokers: { type: 'string', default: '1' },
  },
})
const words = options.only?.split(',')
const wanted = (name: string) => !words || words.some((word) => name.includes(word))
const brokers = Number(options.brokers)
const factor = Math.min(3, brokers)
const suite = brokers > 1 ? 'clients-cluster' : 'clients'
const run = Math.floor(Date.now() / 1000)
const folder = mkdtempSync(join(tmpdir(), 'weir-clients-'))

async function main(): Promise<void> {
  if (!options['no-setup']) {
    console.log('Setting up the clients …')
    spawnSync('bash', [join(here, 'setup.sh')], { stdio: ['ignore', 'inherit', 'inherit'] })
  }
  const weir = options.bootstrap ? undefined : await startOurs()
  const bootstrap = options.bootstrap ?? seedsAddress
  const total = { passed: 0, failed: 0 }
  try {
    const jobs = [
      ...(wanted('seeds') && bootstrap === seedsAddress ? [runSeeds] : []),
      ...clients
        .filter((client) => wanted(`${client.name}-${client.version}`))
        .map((client) => () => runClient(client, bootstrap)),
    ]
    console.log(`The documents' programs, and the clients in the phases ${options.phases}:`)
    const worker = async () => {
      for (let job = jobs.shift(); job; job = jobs.shift()) add(total, await job())
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
    if (brokers > 1) add(total, await replicated(bootstrap))
    if (weir) add(total, await stopOurs(weir))
  } finally {
    await weir?.stop()
  }
  if (!options.bootstrap && brokers === 1 && wanted('cli')) {
    console.log("Kafka's command-line tools, beside an Apache Kafka:")
    add(total, await runCli())
  }
  if (options.phases !== 'all') for (const [what, why] of leftOut) console.log(`left out: ${what}: ${why}`)
  if (total.failed > 0) console.log(`Full output in ${folder}`)
  else rmSync(folder, { recursive: true })
  report(suite, total)
}

function add(total: Counts, more: Counts): void {
  total.passed += more.passed
  total.failed += more.failed
}

/** Says how one case went, and counts it. */
function line(ok: boolean, name: string, startedAt: number, note: string): Counts {
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1)
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(32)} ${seconds.padStart(6)}s  ${note}`)
  return ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

async function startOurs(): Promise<Weir> {
  for (const host of ['127.0.0.1', '::1']) {
    for (let port = 9092; port < 9092 + brokers; port++) {
      if (await isPortOpen(port, host))
        throw new Error(
          `Port ${port} is in use on ${host}: the documents' programs need it, so stop what listens there.`,
        )
    }
  }
  // where a client does not say how many replicas a topic gets
  const settings = { 'default.replication.factor': String(factor) }
  const weir = await startWeir({ dataDir: join(folder, 'data'), port: 9092, brokers, ...(brokers > 1 && { settings }) })
  if (weir.broker() === undefined)
    throw new Error('Port 9092 is answered by another process than the broker just started.')
  return weir
}

/** One case: after all that, the broker stops in order when it is told to. */
async function stopOurs(weir: Weir): Promise<Counts> {
  const startedAt = Date.now()
  const broker = weir.broker()
  await weir.stop()
  const stopped = broker !== undefined && Date.now() - startedAt < 15_000
  writeFileSync(join(folder, 'weir.log'), weir.output())
  return line(stopped, 'weir stops on SIGTERM', startedAt, stopped ? '' : 'its broker had died, or it had to be killed')
}

/** One case: what was written is on as many brokers as was asked for, and in sync. */
async function replicated(bootstrap: string): Promise<Counts> {
  const startedAt = Date.now()
  const port = Number(bootstrap.split(':').at(-1))
  const ids = Array.from({ length: brokers }, (_, i) => i + 1)
  const cluster = { brokers: ids, address: (broker: number) => `127.0.0.1:${port + broker - 1}` }
  try {
    const partitions = await inSync(cluster)
    return line(true, 'replicas in sync', startedAt, `${partitions} partitions`)
  } catch (error) {
    return line(false, 'replicas in sync', startedAt, (error as Error).message)
  }
}

async function runSeeds(): Promise<Counts> {
  const json = join(folder, 'seeds.json')
  const seeds = start('python3', [join(here, 'seeds/run_seeds.py'), '--json', json, '--brokers', options.brokers], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const status = await seeds.ended
  try {
    const cases: { ok: boolean }[] = JSON.parse(readFileSync(json, 'utf8'))
    const passed = cases.filter((one) => one.ok).length
    return { passed, failed: cases.length - passed }
  } catch {
    return line(false, 'run_seeds.py', Date.now(), `ended with ${status} and no result`)
  }
}

async function runClient({ name, version, command, env, consumer = [] }: Client, bootstrap: string): Promise<Counts> {
  const startedAt = Date.now()
  const title = `${name} ${version}`
  const topic = `mx-${name}-${version.replaceAll('.', '-')}-${run}`
  const [program, ...args] = command
  const phaseEnv = options.phases === 'all' ? {} : { PHASES: options.phases }
  let child: Started
  try {
    child = start(program!, [...args, bootstrap, topic, ...consumer], {
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', FACTOR: String(factor), ...phaseEnv, ...env },
    })
  } catch (error) {
    return line(false, title, startedAt, (error as Error).message)
  }
  const late = setTimeout(() => child.kill(), clientLimitMs)
  const status = await child.ended
  clearTimeout(late)
  const printed = child.output()
  writeFileSync(join(folder, `${name}-${version}.log`), printed)
  const lines = printed.trim().split('\n')
  const reached = lines.filter((one) => phaseNames.includes(one))
  const why = () => {
    if (status === 'SIGKILL') return `no end within ${clientLimitMs / 1000} s, in phase ${reached.at(-1)}`
    return (
      lines.findLast((one) => phaseNames.includes(one.split(':')[0]!) && one.includes(': ')) ??
      lines.at(-1) ??
      `ended with ${status}`
    )
  }
  return line(status === 0, title, startedAt, status === 0 ? reached.join(' ') : why())
}

try {
  await main()
} catch (error) {
  console.error((error as Error).message)
  report(suite, { passed: 0, failed: 1 })
}
process.exit()
