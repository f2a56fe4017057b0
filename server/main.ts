/**
 * Where every process of Weir begins, and the only reader of arguments and environment. Without a role it is the supervisor:
 * it says what is wrong with the settings in one sentence, or starts a broker (unless an existing cluster is named) and the
 * console.
 */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BrokerSettings } from './broker_process.ts'
import type { Settings } from './config/settings.ts'
import type { ConsoleSettings } from './console_process.ts'
import type { ChildSpec } from './supervisor.ts'

const entry = process.argv[1]!.endsWith('main.js') ? process.argv[1]! : fileURLToPath(import.meta.url)
const root = `${resolve(fileURLToPath(import.meta.url), '../..')}/`

/** Kafka's own sample server.properties sets it so: a group on a laptop need not wait for members that never come. */
const STARTING_POINT: readonly (readonly [string, string])[] = [['group.initial.rebalance.delay.ms', '0']]

/**
 * V8 counts the bytes of requests, which are outside its heap, as if they had to be marked; with a live heap of 8 MB it began
 * a full collection every few tens of MB of traffic. A heap that may grow to five times its live size ends that. The young
 * generation, which frees most of those bytes, stays small.
 */
const BROKER_NODE_FLAGS = ['--max-semi-space-size=16', '--heap-growing-percent=400', '--expose-gc']

switch (process.env['WEIR_ROLE']) {
  case 'broker':
    await (await import('./broker_process.ts')).runBroker(handedOver())
    break
  case 'console':
    await (await import('./console_process.ts')).runConsole({ ...handedOver(), environment: process.env })
    break
  default:
    process.exitCode = await start()
}

function handedOver() {
  return JSON.parse(process.env['WEIR_SETTINGS'] ?? '{}')
}

async function start(): Promise<number> {
  const { configFile, help, settings } = await import('./config/settings.ts')
  const given = { argv: process.argv.slice(2), env: process.env }
  const file = configFile(given.argv) ?? (existsSync('server.properties') ? 'server.properties' : undefined)
  let properties: string | undefined
  try {
    properties = file === undefined ? undefined : readFileSync(file, 'latin1')
  } catch (error) {
    return refuse(`The settings in ${file} cannot be read: ${(error as Error).message}.`)
  }
  const asked = settings(properties === undefined ? given : { ...given, properties })
  if (asked.kind === 'help') {
    console.log(help())
    return 0
  }
  if (asked.kind === 'error') return refuse(asked.error)
  const problem = unsupported(asked.settings)
  if (problem !== undefined) return refuse(problem)
  for (const warning of asked.settings.warnings) console.error(warning)
  const { supervise } = await import('./supervisor.ts')
  return supervise({
    children: childrenFor(asked.settings),
    entry,
    environment: process.env,
    say: (line) => console.log(line),
    complain: (line) => console.error(line),
  })
}

function refuse(sentence: string): number {
  console.error(sentence)
  return 1
}

/** What is a setting, but not one that this release can honour. */
function unsupported({ weir }: Settings): string | undefined {
  if (weir.KAFKA_BROKERS?.length) return undefined
  if (weir.BROKERS !== 1) return `BROKERS is ${weir.BROKERS}, but this release starts exactly 1; leave it out or set 1.`
  return undefined
}

function childrenFor({ weir, kafka }: Settings): ChildSpec[] {
  const development = process.env['NODE_ENV'] === 'development'
  const dataDirs = (kafka.get('log.dirs') ?? kafka.get('log.dir') ?? weir.DATA_DIR)
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '')
    .map((path) => resolve(path))
  const metadataDir = kafka.get('metadata.log.dir')
  const existing = weir.KAFKA_BROKERS ?? []
  const nodeId = String(Number(kafka.get('node.id') ?? 1))
  const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { version: string }
  const broker: ChildSpec = {
    name: 'Broker 1',
    role: 'broker',
    answersAs: nodeId,
    nodeFlags: BROKER_NODE_FLAGS,
    // Node's own four would let reads wait behind the syncs of four partitions.
    environment: { UV_THREADPOOL_SIZE: kafka.get('num.io.threads') ?? '8' },
    stopMs: 30_000,
    settings: (started): BrokerSettings => ({
      nodeId: Number(nodeId),
      dataDirs,
      host: weir.HOST,
      port: keptPort(started.get('broker'), weir.KAFKA_PORT),
      kafka: [
        ...STARTING_POINT,
        ...kafka,
        ...(metadataDir === undefined ? [] : [['metadata.log.dir', resolve(metadataDir)] as const]),
      ],
      syncAcksAll: weir['weir.acks.all.sync'],
      logLevel: weir['weir.log.level'],
      metrics: {
        host: weir.HOST,
        port: weir['weir.metrics.port'],
        detail: weir['weir.metrics.detail'],
        allowedHosts: weir['weir.allowed.hosts'] ?? [],
        version,
      },
    }),
  }
  const pages: ChildSpec = {
    name: 'The console',
    role: 'console',
    nodeFlags: [],
    stopMs: 10_000,
    settings: (started): Omit<ConsoleSettings, 'environment'> => ({
      host: weir.HOST,
      port: keptPort(started.get('console'), weir.PORT),
      dataDir: resolve(weir.DATA_DIR),
      bootstrap: existing.length > 0 ? existing : (started.get('broker') ?? []),
      embedded: existing.length === 0,
      root,
      development,
      allowedHosts: weir['weir.allowed.hosts'] ?? [],
      brokers: existing.length > 0 ? [] : [nodeId],
      metricsDetail: weir['weir.metrics.detail'],
    }),
  }
  return existing.length > 0 ? [pages] : [broker, pages]
}

/** A free port is picked once: whoever was told of it finds the process there again after a restart. */
function keptPort(addresses: readonly string[] | undefined, asked: number): number {
  return Number(addresses?.[0]?.split(':').at(-1) ?? asked)
}
