/** Settings described and changed: of topics, brokers, groups and client metrics. */
import { CreateTopics } from '../../../server/protocol/messages/19_create_topics.ts'
import { DescribeConfigs } from '../../../server/protocol/messages/32_describe_configs.ts'
import { AlterConfigs } from '../../../server/protocol/messages/33_alter_configs.ts'
import { IncrementalAlterConfigs } from '../../../server/protocol/messages/44_incremental_alter_configs.ts'
import { ListConfigResources } from '../../../server/protocol/messages/74_list_config_resources.ts'
import { type StepOptions, step } from '../step.ts'

const TOPIC = 2
const BROKER = 4
const LOGGER = 8
const METRICS = 16
const GROUP = 32

const describe = (
  title: string,
  resourceType: number,
  resourceName: string,
  o: StepOptions & { keys?: string[]; plain?: boolean } = {},
) =>
  step(
    title,
    DescribeConfigs,
    {
      resources: [{ resourceType, resourceName, configurationKeys: o.keys ?? null }],
      includeSynonyms: !o.plain,
      includeDocumentation: !o.plain,
    },
    o,
  )

const SET = 0
const DELETE = 1
const APPEND = 2
const SUBTRACT = 3
type Change = [name: string, value: string | null, operation?: number]

const alter = (
  title: string,
  resourceType: number,
  resourceName: string,
  changes: Change[],
  o: StepOptions & { validateOnly?: boolean } = {},
) =>
  step(
    title,
    IncrementalAlterConfigs,
    {
      resources: [
        {
          resourceType,
          resourceName,
          configs: changes.map(([name, value, configOperation = SET]) => ({ name, value, configOperation })),
        },
      ],
      validateOnly: o.validateOnly ?? false,
    },
    o,
  )

const replace = (
  title: string,
  resourceType: number,
  resourceName: string,
  configs: [string, string | null][],
  o: StepOptions & { validateOnly?: boolean } = {},
) =>
  step(
    title,
    AlterConfigs,
    {
      resources: [{ resourceType, resourceName, configs: configs.map(([name, value]) => ({ name, value })) }],
      validateOnly: o.validateOnly ?? false,
    },
    o,
  )

const T = 'configs-t'
/** Changes that must be refused, or not, alike. */
const topicValues: Change[] = [
  ['retention.ms', '-2'],
  ['retention.ms', '-1'],
  ['retention.ms', ''],
  ['retention.ms', ' 5 '],
  ['retention.ms', '9223372036854775807'],
  ['retention.ms', '9223372036854775808'],
  ['retention.ms', '1e3'],
  ['retention.bytes', '-1'],
  ['retention.bytes', '-5'],
  ['cleanup.policy', 'compact,delete'],
  ['cleanup.policy', 'delete, compact'],
  ['cleanup.policy', 'remove'],
  ['cleanup.policy', ''],
  ['cleanup.policy', 'delete,delete'],
  ['cleanup.policy', 'DELETE'],
  ['compression.type', 'zstd'],
  ['compression.type', 'ZSTD'],
  ['compression.type', 'brotli'],
  ['compression.gzip.level', '10'],
  ['compression.gzip.level', '-1'],
  ['compression.gzip.level', '0'],
  ['compression.lz4.level', '18'],
  ['compression.zstd.level', '-131073'],
  ['compression.zstd.level', '22'],
  ['compression.zstd.level', '23'],
  ['segment.bytes', '13'],
  ['segment.bytes', '1048576'],
  ['segment.bytes', '1048575'],
  ['segment.bytes', '2147483648'],
  ['segment.ms', '0'],
  ['segment.ms', '1'],
  ['segment.jitter.ms', '-1'],
  ['segment.index.bytes', '3'],
  ['index.interval.bytes', '-1'],
  ['max.message.bytes', '-1'],
  ['max.message.bytes', '0'],
  ['min.insync.replicas', '0'],
  ['min.insync.replicas', '2'],
  ['min.cleanable.dirty.ratio', '1.1'],
  ['min.cleanable.dirty.ratio', '0.25'],
  ['min.cleanable.dirty.ratio', '1e-1'],
  ['min.compaction.lag.ms', '-1'],
  ['max.compaction.lag.ms', '0'],
  ['max.compaction.lag.ms', '1'],
  ['delete.retention.ms', '-1'],
  ['file.delete.delay.ms', '-1'],
  ['flush.messages', '0'],
  ['flush.messages', '1'],
  ['flush.ms', '-1'],
  ['message.timestamp.type', 'CreateTime'],
  ['message.timestamp.type', 'createtime'],
  ['message.timestamp.type', 'LogAppendTime'],
  ['message.timestamp.before.max.ms', '-1'],
  ['message.timestamp.after.max.ms', '0'],
  ['preallocate', 'yes'],
  ['preallocate', 'TRUE'],
  ['preallocate', 'false'],
  ['unclean.leader.election.enable', 'true'],
  ['unclean.leader.election.enable', '1'],
  ['remote.storage.enable', 'true'],
  ['remote.storage.enable', 'false'],
  ['remote.log.copy.disable', 'true'],
  ['remote.log.delete.on.disable', 'true'],
  ['local.retention.ms', '-2'],
  ['local.retention.ms', '-3'],
  ['local.retention.ms', '5'],
  ['local.retention.bytes', '-2'],
  ['local.retention.bytes', '100'],
  ['leader.replication.throttled.replicas', '*'],
  ['leader.replication.throttled.replicas', '0:1,1:1'],
  ['leader.replication.throttled.replicas', '0-1'],
  ['leader.replication.throttled.replicas', ''],
  ['follower.replication.throttled.replicas', 'a:b'],
  ['errors.deadletterqueue.group.enable', 'true'],
  ['no.such.config', '1'],
  ['Retention.ms', '1'],
  ['', '1'],
  ['internal.segment.bytes', '1000'],
  ['message.format.version', '3.0'],
  ['message.downconversion.enable', 'true'],
]

const resources = (title: string, resourceTypes: number[], o: StepOptions = {}) =>
  step(title, ListConfigResources, (v) => (v === 0 ? {} : { resourceTypes }), o)

export const topicConfigs = [
  step('a topic', CreateTopics, {
    topics: [
      {
        name: T,
        numPartitions: 1,
        replicationFactor: 1,
        assignments: [],
        configs: [
          { name: 'retention.ms', value: '100' },
          { name: 'cleanup.policy', value: 'compact' },
        ],
      },
    ],
    timeoutMs: 10_000,
    validateOnly: false,
  }),
  describe('everything of a topic', TOPIC, T, { versions: [1, 2, 3, 4] }),
  describe('everything of a topic, briefly', TOPIC, T, { plain: true, versions: [1, 3] }),
  describe('some of a topic', TOPIC, T, { keys: ['retention.ms', 'no.such.config', 'segment.bytes'] }),
  describe('nothing of a topic', TOPIC, T, { keys: [] }),
  describe('of a topic that is not there', TOPIC, 'absent'),
  describe('of a name that cannot be', TOPIC, 'a b'),
  describe('of a topic without a name', TOPIC, ''),
  describe('of a resource of no type', 0, 'x'),
  describe('of a resource of another type', 3, 'x'),
  describe('of a broker logger', LOGGER, '1', {
    keys: ['root'],
    except: { value: 'each has a level of its own', documentation: '' },
  }),
  describe('of the logger of another broker', LOGGER, '9'),
  describe('of the logger of no broker', LOGGER, ''),
  step('a topic twice', DescribeConfigs, {
    resources: [
      { resourceType: TOPIC, resourceName: T, configurationKeys: ['retention.ms'] },
      { resourceType: TOPIC, resourceName: T, configurationKeys: ['retention.ms'] },
    ],
  }),
  step('nothing', DescribeConfigs, { resources: [] }),
  ...topicValues.map(([name, value]) => alter(`${name}=${value}`, TOPIC, T, [[name, value]], { validateOnly: true })),
  alter('none', TOPIC, T, []),
  alter('null', TOPIC, T, [['retention.ms', null]]),
  alter('twice', TOPIC, T, [
    ['retention.ms', '1'],
    ['retention.ms', '2'],
  ]),
  alter('set and deleted', TOPIC, T, [
    ['retention.ms', '1'],
    ['retention.ms', null, DELETE],
  ]),
  alter('an operation that is none', TOPIC, T, [['retention.ms', '1', 9]], {
    differs: 'Kafka stumbles over it (UNKNOWN_SERVER_ERROR); the request is at fault, and INVALID_REQUEST says so',
  }),
  alter('no number', TOPIC, T, [['min.cleanable.dirty.ratio', 'NaN']], {
    validateOnly: true,
    differs: 'Kafka takes it, for no comparison with it is true; it is no ratio',
  }),
  alter('a number made longer', TOPIC, T, [['retention.ms', '1', APPEND]]),
  alter('a list made longer', TOPIC, T, [['cleanup.policy', 'delete', APPEND]]),
  alter('a list made longer by what it has', TOPIC, T, [['cleanup.policy', 'delete', APPEND]]),
  alter('a list made longer by what it cannot have', TOPIC, T, [['cleanup.policy', 'remove', APPEND]]),
  describe('the longer list', TOPIC, T, { keys: ['cleanup.policy'] }),
  alter('a list made shorter', TOPIC, T, [['cleanup.policy', 'compact', SUBTRACT]]),
  describe('the shorter list', TOPIC, T, { keys: ['cleanup.policy'] }),
  alter('a list made shorter by all', TOPIC, T, [['cleanup.policy', 'delete', SUBTRACT]]),
  alter('a list made shorter by what it has not', TOPIC, T, [['cleanup.policy', 'compact', SUBTRACT]]),
  alter('a list that is not set made longer', TOPIC, T, [['leader.replication.throttled.replicas', '0:1', APPEND]]),
  alter('a list that is not set made longer by two', TOPIC, T, [
    ['follower.replication.throttled.replicas', '0:1,1:2', APPEND],
  ]),
  describe('lists', TOPIC, T, {
    keys: ['leader.replication.throttled.replicas', 'follower.replication.throttled.replicas'],
  }),
  alter('a value taken away', TOPIC, T, [['retention.ms', null, DELETE]]),
  alter('a value taken away twice', TOPIC, T, [['retention.ms', null, DELETE]]),
  alter('an unknown name taken away', TOPIC, T, [['no.such.config', null, DELETE]]),
  alter('one right and one wrong', TOPIC, T, [
    ['retention.ms', '5'],
    ['segment.bytes', 'x'],
  ]),
  alter('contradicting each other', TOPIC, T, [
    ['min.compaction.lag.ms', '10'],
    ['max.compaction.lag.ms', '5'],
  ]),
  alter(
    'a value of 32,767 characters',
    TOPIC,
    T,
    [['leader.replication.throttled.replicas', `0:1${',0:1'.repeat(8191)}`]],
    { validateOnly: true },
  ),
  alter('of a topic that is not there', TOPIC, 'absent', [['retention.ms', '5']]),
  alter('of a name that cannot be', TOPIC, 'a b', [['retention.ms', '5']]),
  alter('of a topic without a name', TOPIC, '', [['retention.ms', '5']]),
  alter('of a resource of no type', 0, 'x', [['retention.ms', '5']]),
  alter('of a resource of another type', 7, 'x', [['retention.ms', '5']]),
  step(
    'one resource twice',
    IncrementalAlterConfigs,
    {
      resources: [
        { resourceType: TOPIC, resourceName: T, configs: [{ name: 'retention.ms', value: '1', configOperation: SET }] },
        { resourceType: TOPIC, resourceName: T, configs: [{ name: 'retention.ms', value: '2', configOperation: SET }] },
      ],
      validateOnly: false,
    },
    { versions: [0, 1] },
  ),
  step('nothing changed', IncrementalAlterConfigs, { resources: [], validateOnly: false }),
  alter('first', TOPIC, T, [
    ['retention.ms', '7'],
    ['segment.ms', '8'],
  ]),
  replace('replaced, only to see', TOPIC, T, [['retention.ms', '9']], { validateOnly: true }),
  replace('replaced', TOPIC, T, [['retention.ms', '9']], { versions: [0, 1, 2] }),
  replace('replaced by null', TOPIC, T, [['retention.ms', null]]),
  replace('replaced, a name twice', TOPIC, T, [
    ['retention.ms', '1'],
    ['retention.ms', '2'],
  ]),
  replace('replaced by what cannot be', TOPIC, T, [['retention.ms', 'x']]),
  replace('replaced, of a topic that is not there', TOPIC, 'absent', [['retention.ms', '1']]),
  describe('after that', TOPIC, T),
  replace('replaced by nothing', TOPIC, T, []),
  describe('after that nothing', TOPIC, T, { plain: true }),
]

export const brokerConfigs = [
  describe('everything of a broker', BROKER, '1', { versions: [1, 4] }),
  describe('everything of all brokers', BROKER, ''),
  describe('of another broker', BROKER, '9'),
  describe('of a broker that is none', BROKER, 'x'),
  ...(
    [
      ['log.retention.ms', '100000'],
      ['log.retention.ms', '-7'],
      ['log.cleaner.threads', '2'],
      ['log.cleaner.threads', '9'],
      ['num.io.threads', '9'],
      ['num.io.threads', '100'],
      ['num.network.threads', '4'],
      ['background.threads', '11'],
      ['num.partitions', '3'],
      ['node.id', '7'],
      ['log.dirs', '/tmp'],
      ['min.insync.replicas', '2'],
      ['auto.create.topics.enable', 'false'],
      ['message.max.bytes', '500'],
      ['message.max.bytes', 'x'],
      ['max.connections', '100'],
      ['max.connections.per.ip', '100'],
      ['max.connections.per.ip.overrides', '127.0.0.1:5'],
      ['max.connection.creation.rate', '10'],
      ['listeners', 'PLAINTEXT://:1'],
      ['advertised.listeners', 'PLAINTEXT://localhost:1'],
      ['no.such.config', '5'],
      ['log.message.timestamp.type', 'LogAppendTime'],
      ['log.message.timestamp.type', 'x'],
      ['log.cleanup.policy', 'compact'],
      ['log.cleaner.io.max.bytes.per.second', '1000'],
      ['log.cleaner.backoff.ms', '0'],
      ['compression.type', 'lz4'],
      ['leader.replication.throttled.rate', '5'],
      ['follower.replication.throttled.rate', '-5'],
      ['replica.alter.log.dirs.io.max.bytes.per.second', '5'],
      ['metric.reporters', ''],
      ['producer.id.expiration.ms', '1000'],
      ['transaction.partition.verification.enable', 'false'],
      ['unclean.leader.election.enable', 'true'],
      ['remote.log.manager.copier.thread.pool.size', '5'],
      ['group.consumer.session.timeout.ms', '50000'],
      ['cordoned.log.dirs', ''],
      ['ssl.keystore.password', 'secret'],
      ['sasl.jaas.config', 'x'],
      ['listener.name.plaintext.ssl.keystore.password', 'secret'],
      ['log.retention.minutes', '5'],
      ['log.roll.ms', '5'],
      ['log.segment.bytes', '100'],
      ['log.index.size.max.bytes', '3'],
    ] as Change[]
  ).flatMap(([name, value]) => [
    alter(`${name}=${value} of all`, BROKER, '', [[name, value]], { validateOnly: true }),
    alter(`${name}=${value} of one`, BROKER, '1', [[name, value]], { validateOnly: true }),
  ]),
  alter('for all', BROKER, '', [
    ['log.retention.ms', '200000'],
    ['max.connections', '2000'],
    ['unknown.to.all', 'x'],
  ]),
  alter('for one', BROKER, '1', [
    ['log.retention.ms', '300000'],
    ['num.io.threads', '9'],
    ['background.threads', '9'],
    ['unknown.to.all', 'y'],
  ]),
  describe('all brokers', BROKER, '', { versions: [1, 4] }),
  describe('this broker', BROKER, '1', {
    keys: [
      'log.retention.ms',
      'num.io.threads',
      'background.threads',
      'max.connections',
      'unknown.to.all',
      'log.retention.hours',
    ],
  }),
  step('a topic that has what the broker has', CreateTopics, {
    topics: [{ name: 'configs-inherits', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: 10_000,
    validateOnly: false,
  }),
  describe('what a topic has of it', TOPIC, 'configs-inherits', { keys: ['retention.ms', 'segment.ms'] }),
  alter('for one, taken away', BROKER, '1', [
    ['log.retention.ms', null, DELETE],
    ['num.io.threads', null, DELETE],
    ['background.threads', null, DELETE],
    ['unknown.to.all', null, DELETE],
  ]),
  describe('what a topic has of all', TOPIC, 'configs-inherits', { keys: ['retention.ms', 'segment.ms'] }),
  alter('for all, taken away', BROKER, '', [
    ['log.retention.ms', null, DELETE],
    ['max.connections', null, DELETE],
    ['unknown.to.all', null, DELETE],
  ]),
  describe('what a topic has by default', TOPIC, 'configs-inherits', { keys: ['retention.ms', 'segment.ms'] }),
  alter('min.insync.replicas of all, taken away', BROKER, '', [['min.insync.replicas', null, DELETE]]),
  alter('min.insync.replicas of one', BROKER, '1', [['min.insync.replicas', '1']]),
  alter('a read-only one, taken away', BROKER, '1', [['node.id', null, DELETE]]),
  alter('of another broker', BROKER, '9', [['log.retention.ms', '1']]),
  alter('of a broker that is none', BROKER, 'x', [['log.retention.ms', '1']]),
  alter('a list made longer', BROKER, '', [['log.cleanup.policy', 'compact', APPEND]], { validateOnly: true }),
  alter('a number made longer', BROKER, '', [['num.io.threads', '9', APPEND]], { validateOnly: true }),
  alter('an unknown one made longer', BROKER, '', [['no.such.config', '9', APPEND]], { validateOnly: true }),
  replace('replaced', BROKER, '', [
    ['log.retention.ms', '5'],
    ['min.insync.replicas', '1'],
  ]),
  replace('replaced by nothing', BROKER, '', []),
  describe('in the end', BROKER, ''),
  alter('a logger that is not there', LOGGER, '1', [['no.such.Logger', 'DEBUG']], { validateOnly: true }),
  alter('the level of what is written', LOGGER, '1', [['root', 'WARN']]),
  alter('a level that is none', LOGGER, '1', [['root', 'LOUD']]),
  alter('no level', LOGGER, '1', [['root', null, DELETE]]),
  alter('a level made longer', LOGGER, '1', [['root', 'INFO', APPEND]]),
  alter('a logger of another broker', LOGGER, '9', [['root', 'INFO']]),
]

export const groupConfigs = [
  describe('everything of a group', GROUP, 'configs-g', { versions: [1, 4] }),
  describe('of a group without a name', GROUP, ''),
  ...(
    [
      ['consumer.session.timeout.ms', '50000'],
      ['consumer.session.timeout.ms', '1'],
      ['consumer.session.timeout.ms', '1000000'],
      ['consumer.session.timeout.ms', 'x'],
      ['consumer.heartbeat.interval.ms', '6000'],
      ['consumer.heartbeat.interval.ms', '60000'],
      ['consumer.heartbeat.interval.ms', '1'],
      ['share.session.timeout.ms', '50000'],
      ['share.heartbeat.interval.ms', '6000'],
      ['share.record.lock.duration.ms', '30000'],
      ['share.record.lock.duration.ms', '1'],
      ['share.auto.offset.reset', 'earliest'],
      ['share.auto.offset.reset', 'by_duration:PT1H'],
      ['share.auto.offset.reset', 'by_duration:-PT1H'],
      ['share.auto.offset.reset', 'x'],
      ['share.isolation.level', 'read_committed'],
      ['share.isolation.level', 'x'],
      ['share.delivery.count.limit', '3'],
      ['share.partition.max.record.locks', '3000'],
      ['streams.session.timeout.ms', '50000'],
      ['streams.num.standby.replicas', '1'],
      ['streams.num.standby.replicas', '100'],
      ['streams.initial.rebalance.delay.ms', '0'],
      ['no.such.config', '1'],
      ['', '1'],
    ] as Change[]
  ).map(([name, value]) => alter(`${name}=${value}`, GROUP, 'configs-g', [[name, value]], { validateOnly: true })),
  alter('for a group', GROUP, 'configs-g', [
    ['consumer.session.timeout.ms', '50000'],
    ['consumer.heartbeat.interval.ms', '6000'],
  ]),
  describe('of that group', GROUP, 'configs-g'),
  alter('of a group without a name', GROUP, '', [['consumer.session.timeout.ms', '50000']]),
  alter('contradicting each other', GROUP, 'configs-g', [
    ['consumer.session.timeout.ms', '45000'],
    ['consumer.heartbeat.interval.ms', '45000'],
  ]),
  alter('a number made longer', GROUP, 'configs-g', [['consumer.session.timeout.ms', '1', APPEND]]),
  alter('taken away', GROUP, 'configs-g', [['consumer.session.timeout.ms', null, DELETE]]),
  describe('what is left', GROUP, 'configs-g', { plain: true }),
]

export const metricsConfigs = [
  describe('of a subscription that is not there', METRICS, 'configs-m', { versions: [1, 4] }),
  describe('of a subscription without a name', METRICS, ''),
  ...(
    [
      ['interval.ms', '100'],
      ['interval.ms', '99'],
      ['interval.ms', '3600000'],
      ['interval.ms', '3600001'],
      ['interval.ms', 'x'],
      ['metrics', 'org.apache.kafka.producer.,org.apache.kafka.consumer.'],
      ['metrics', '*'],
      ['metrics', ''],
      ['match', 'client_id=app-.*,client_software_name=java'],
      ['match', 'client_id='],
      ['match', 'client_id'],
      ['match', 'color=red'],
      ['match', 'client_id=['],
      ['match', 'client_source_address=127\\.0\\.0\\.1'],
      ['match', ''],
      ['no.such.config', '1'],
    ] as Change[]
  ).map(([name, value]) => alter(`${name}=${value}`, METRICS, 'configs-m', [[name, value]], { validateOnly: true })),
  alter('for a subscription', METRICS, 'configs-m', [
    ['interval.ms', '30000'],
    ['metrics', 'a.,b.'],
  ]),
  describe('of that subscription', METRICS, 'configs-m', { versions: [1, 4] }),
  describe('some of that subscription', METRICS, 'configs-m', { keys: ['metrics', 'x'] }),
  alter('a list made longer', METRICS, 'configs-m', [['metrics', 'c.', APPEND]]),
  alter('a list made shorter', METRICS, 'configs-m', [['metrics', 'a.', SUBTRACT]]),
  alter('a list that is not set made longer', METRICS, 'configs-m', [['match', 'client_id=x', APPEND]]),
  alter('a number made longer', METRICS, 'configs-m', [['interval.ms', '1', APPEND]]),
  describe('after that', METRICS, 'configs-m'),
  alter('of a subscription without a name', METRICS, '', [['interval.ms', '30000']]),
  alter('of a group, for the list', GROUP, 'configs-list', [['consumer.session.timeout.ms', '50000']]),
  resources('client metrics', [METRICS], { versions: [0, 1] }),
  resources('groups', [GROUP]),
  resources('brokers', [BROKER]),
  resources('loggers', [LOGGER]),
  resources('topics of all kinds, told apart by type', [TOPIC], { until: (a) => a.configResources.length > 0 }),
  resources('brokers and groups', [BROKER, GROUP]),
  resources('of a type that is none', [5]),
  resources('of a type that is none, and one that is', [5, GROUP]),
  resources('groups twice', [GROUP, GROUP]),
  replace('replaced', METRICS, 'configs-m', [['interval.ms', '40000']]),
  describe('replaced', METRICS, 'configs-m'),
  replace('replaced by nothing', METRICS, 'configs-m', []),
  resources('client metrics, when there are none', [METRICS]),
]
