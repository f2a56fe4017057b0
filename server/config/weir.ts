/** What Weir adds to Kafka's settings: few, because Kafka's own do the rest. */
import { define, type Form } from './define.ts'
import { METRICS_DETAILS } from './metrics_detail.ts'

const ADDRESSES: Form = {
  pattern: /^([^\s,:[\]]+|\[[0-9a-fA-F:.]+\]):\d{1,5}(,([^\s,:[\]]+|\[[0-9a-fA-F:.]+\]):\d{1,5})*$/,
  says: 'addresses as host:port, separated by commas',
}

export const weirConfigs = define({
  PORT: {
    type: 'int',
    default: 3000,
    min: 0,
    max: 65535,
    importance: 'high',
    doc: 'Port of the console and of HTTP. 0 picks a free one.',
  },
  KAFKA_PORT: {
    type: 'int',
    default: 9092,
    min: 0,
    max: 65535,
    importance: 'high',
    doc: 'Port of the first broker; further brokers take those after it. 0 picks free ones. listeners says more.',
  },
  HOST: {
    type: 'string',
    default: '127.0.0.1',
    importance: 'high',
    doc: 'Address to listen on. 0.0.0.0 is every interface of the machine: then anyone who can reach it can use it.',
  },
  DATA_DIR: {
    type: 'string',
    default: './data',
    importance: 'high',
    doc: 'Folder for everything that is kept: logs, and what the console remembers.',
  },
  BROKERS: {
    type: 'int',
    default: 1,
    min: 1,
    max: 9,
    importance: 'high',
    doc: 'Brokers to start, each a process of its own.',
  },
  KAFKA_BROKERS: {
    type: 'list',
    default: null,
    form: ADDRESSES,
    importance: 'high',
    doc: 'Addresses of an existing cluster. Then no broker is started and the console works on that one.',
  },
  'weir.allowed.hosts': {
    type: 'list',
    default: null,
    importance: 'low',
    doc: 'Host names under which the console may be reached besides those of this machine, for a proxy in front of it.',
  },
  'weir.metrics.port': {
    type: 'int',
    default: null,
    min: 0,
    max: 65535,
    importance: 'low',
    doc: "A port on which the broker's process serves its own metrics. Without one they are in the console's /metrics alone.",
  },
  'weir.metrics.detail': {
    type: 'string',
    default: 'partition',
    oneOf: METRICS_DETAILS,
    importance: 'low',
    doc: 'How many series /metrics has: sums of the cluster, also each topic and group, or also each partition.',
  },
  'weir.log.level': {
    type: 'string',
    default: 'warn',
    oneOf: ['error', 'warn', 'info'],
    importance: 'low',
    doc: 'What a broker says on the terminal: failures, also what should be looked into, or also the life of its groups.',
  },
  'weir.acks.all.sync': {
    type: 'boolean',
    default: true,
    importance: 'medium',
    doc: 'Answer acks=all only when the records have reached the disk. false leaves that to the system, as Kafka does.',
  },
})
