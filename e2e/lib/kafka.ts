/**
 * Apache Kafka 4.3.1 with its own defaults, from the jars that peers/lib.sh resolves: one broker in KRaft's combined mode
 * (`startKafka`), or a node of any role (`formatNode`, `startNode`).
 */
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from './paths.ts'
import { freePort, isAlive, isPortOpen, type Started, start, until } from './processes.ts'
import type { StartOptions, System } from './system.ts'

const peer = join(root, 'e2e/peers/kafka')

/** The id that the folders here are formatted with. */
export const kafkaClusterId = 'MkU3OEVBNTcwNTJENDM2Qg'

/** The heap that Apache Kafka's own start script gives it. */
const defaultHeap = ['-Xmx1G', '-Xms1G']

interface Installation {
  /** The jars' folder. */
  lib: string
  version: string
  jvmOptions: string[]
}

let found: Installation | undefined
function installation(): Installation {
  if (found) return found
  const script = `HERE='${peer}'; . '${peer}/../lib.sh'; resolve && printf '%s\\n' "$LIB" "$KAFKA_VERSION" "$JVM_PERF"`
  const [lib, version, options] = execFileSync('bash', ['-c', script], { encoding: 'utf8' }).split('\n')
  found = { lib: lib!, version: version!, jvmOptions: options!.split(' ') }
  return found
}

export const kafkaVersion = (): string => installation().version

/** The folder of its jars, those of the command-line tools too. */
export const kafkaJars = (): string => installation().lib

export interface KafkaOptions extends StartOptions {
  /** JVM options for the heap. */
  heap?: string[]
  /** Default: a free one. */
  controllerPort?: number
  /** More arguments for formatting a folder that is new, such as `--release-version 3.9` or `--standalone`. */
  format?: string[]
}

/** Writes the settings and formats the folder if it is not; returns the settings file. */
export async function formatKafka({
  dataDir,
  port = 0,
  settings = {},
  format,
  ...given
}: KafkaOptions): Promise<{ properties: string; port: number }> {
  const picked = port || (await freePort())
  const controllerPort = given.controllerPort ?? (await freePort())
  const properties = await formatNode({
    dataDir,
    format,
    settings: {
      'process.roles': 'broker,controller',
      'node.id': '1',
      // Where the voters stand in the log (KIP-853), they must not stand here as well.
      ...(settings['controller.quorum.bootstrap.servers']
        ? {}
        : { 'controller.quorum.voters': `1@127.0.0.1:${controllerPort}` }),
      'inter.broker.listener.name': 'PLAINTEXT',
      listeners: `PLAINTEXT://127.0.0.1:${picked},CONTROLLER://127.0.0.1:${controllerPort}`,
      'advertised.listeners': `PLAINTEXT://localhost:${picked}`,
      'offsets.topic.replication.factor': '1',
      'transaction.state.log.replication.factor': '1',
      'transaction.state.log.min.isr': '1',
      'share.coordinator.state.topic.replication.factor': '1',
      'share.coordinator.state.topic.min.isr': '1',
      ...settings,
    },
  })
  return { properties, port: picked }
}

export interface NodeOptions {
  dataDir: string
  /** All of them, but for those of the listeners' protocols and the log dir. */
  settings: Record<string, string>
  heap?: string[]
  format?: string[]
}

/** Writes a node's settings, of any role, and formats its folder if it is not; resolves with the settings file. */
export async function formatNode({ dataDir, settings, format: more = [] }: NodeOptions): Promise<string> {
  const { lib } = installation()
  const properties = join(dataDir, 'server.properties')
  mkdirSync(dataDir, { recursive: true })
  const all = {
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'log.dirs': join(dataDir, 'data'),
    ...settings,
  }
  writeFileSync(
    properties,
    Object.entries(all)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  )
  if (!existsSync(join(dataDir, 'data/meta.properties'))) {
    const tools = `-Dlog4j2.configurationFile=${join(peer, 'log4j2-tools.properties')}`
    const format = ['kafka.tools.StorageTool', 'format', '-t', kafkaClusterId, '-c', properties, ...more]
    await promisify(execFile)('java', ['-Xmx256M', '-XX:TieredStopAtLevel=1', tools, '-cp', `${lib}/*`, ...format])
  }
  return properties
}

/** A node on a folder that was formatted: its process at once, and when it serves. */
export function startNode(dataDir: string, heap = defaultHeap): { process: Started; ready: () => Promise<void> } {
  const { lib, jvmOptions } = installation()
  const log = join(dataDir, 'server.log')
  writeFileSync(log, '')
  const logging = [`-Dpeer.log=${log}`, `-Dlog4j2.configurationFile=${join(peer, 'log4j2-server.properties')}`]
  const kafka = start('java', [
    ...heap,
    ...jvmOptions,
    ...logging,
    '-cp',
    `${lib}/*`,
    'kafka.Kafka',
    join(dataDir, 'server.properties'),
  ])
  const up = () => readFileSync(log, 'utf8').includes('Kafka Server started')
  return {
    process: kafka,
    async ready() {
      await until(up, { what: `starting Apache Kafka (${log})`, limitMs: 90_000, process: kafka })
    },
  }
}

/** Starts it on a folder, formatted first if need be. */
export async function startKafka(options: KafkaOptions): Promise<System> {
  const { port } = await formatKafka(options)
  if (await isPortOpen(port)) throw new Error(`port ${port} is in use`)
  const { process: kafka, ready } = startNode(options.dataDir, options.heap)
  const only = () => [kafka.pid]
  if (options.wait !== false) {
    try {
      await ready()
    } catch (error) {
      await kafka.kill()
      throw error
    }
  }
  return {
    name: 'Apache Kafka',
    startedAtMs: kafka.startedAtMs,
    bootstrap: `localhost:${port}`,
    engine: only,
    all: only,
    broker: () => (isAlive(kafka.pid) ? kafka.pid : undefined),
    stop: () => kafka.stop(40_000),
    kill: () => kafka.kill(),
  }
}
