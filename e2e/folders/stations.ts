/** A folder on its way: who runs on it, and copies of it between one and the next. */
import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { formatKafka, type KafkaOptions, startKafka } from '../lib/kafka.ts'
import { freePort } from '../lib/processes.ts'
import type { System } from '../lib/system.ts'
import { startWeir } from '../lib/weir.ts'
import { Broker } from './broker.ts'
import { type Inventory, inventory } from './inventory.ts'

/** Few partitions of the internal topics: each is looked into. */
const settings = {
  'group.initial.rebalance.delay.ms': '0',
  'offsets.topic.num.partitions': '4',
  'transaction.state.log.num.partitions': '3',
  'share.coordinator.state.topic.num.partitions': '3',
  'log.cleaner.backoff.ms': '200',
}

const ADMIN = { user: 'admin', password: 'secret' }

export interface Station {
  readonly system: System
  readonly broker: Broker
  /** Logged in, where there is a listener for that; otherwise the same as `broker`. */
  readonly admin: Broker
  look(): Promise<Inventory>
  stop(): Promise<void>
  kill(): Promise<void>
}

export interface StationOptions {
  /** Broker settings, by Kafka's names. */
  settings?: Record<string, string>
  /** More arguments for Apache Kafka's `kafka-storage format`, if the folder is new. */
  format?: string[]
  /** Of Apache Kafka's controller; default: a free one. */
  controllerPort?: number
  /** Log dirs in the place; default: `data`. */
  dirs?: string[]
}

export async function weir(place: string, o: StationOptions = {}): Promise<Station> {
  const [first, ...more] = dirsOf(place, o)
  mkdirSync(first!, { recursive: true })
  const dirs = more.length > 0 && { 'log.dirs': [first, ...more].join(',') }
  return station(await startWeir({ dataDir: first!, settings: { ...settings, ...dirs, ...o.settings } }))
}

/** With everything on that Apache Kafka can write: authorizer, users, tokens. */
export async function kafka(place: string, o: StationOptions = {}): Promise<Station> {
  const saslPort = await freePort()
  return station(await startKafka(await kafkaOptions(place, o, saslPort)), `localhost:${saslPort}`)
}

/** A place that Apache Kafka's own tool has formatted, and nobody was started in. */
export async function formatted(place: string, o: StationOptions): Promise<string> {
  await formatKafka(await kafkaOptions(place, o, await freePort()))
  return place
}

async function kafkaOptions(place: string, o: StationOptions, saslPort: number): Promise<KafkaOptions> {
  const [port, controllerPort] = [await freePort(), o.controllerPort ?? (await freePort())]
  const login = `org.apache.kafka.common.security.plain.PlainLoginModule required user_${ADMIN.user}="${ADMIN.password}";`
  return {
    dataDir: place,
    port,
    controllerPort,
    heap: ['-Xmx512M', '-Xms128M'],
    ...(o.format && { format: o.format }),
    settings: {
      ...settings,
      listeners: `PLAINTEXT://127.0.0.1:${port},SASL_PLAINTEXT://127.0.0.1:${saslPort},CONTROLLER://127.0.0.1:${controllerPort}`,
      'advertised.listeners': `PLAINTEXT://localhost:${port},SASL_PLAINTEXT://localhost:${saslPort}`,
      'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT',
      'sasl.enabled.mechanisms': 'PLAIN',
      'listener.name.sasl_plaintext.plain.sasl.jaas.config': login,
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': `User:ANONYMOUS;User:${ADMIN.user}`,
      'delegation.token.secret.key': 'folders',
      'log.dirs': dirsOf(place, o).join(','),
      ...o.settings,
    },
  }
}

const dirsOf = (place: string, { dirs = ['data'] }: StationOptions): string[] => dirs.map((dir) => join(place, dir))

async function station(system: System, sasl?: string): Promise<Station> {
  try {
    const broker = await Broker.connect(system.bootstrap)
    const admin = sasl ? await Broker.connect(sasl, ADMIN) : broker
    const hangUp = () => {
      broker.close()
      admin.close()
    }
    return {
      system,
      broker,
      admin,
      look: () => inventory(broker, admin),
      stop() {
        hangUp()
        return system.stop()
      },
      kill() {
        hangUp()
        return system.kill()
      },
    }
  } catch (error) {
    await system.kill()
    throw error
  }
}

/** The place as it is now, nobody running on it. */
export function copy(from: string, to: string): string {
  cpSync(from, to, { recursive: true, preserveTimestamps: true })
  return to
}
