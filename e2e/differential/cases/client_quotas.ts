/** Client quotas set, refused, found and removed, and the one of partitions enforced. */
import { CreateTopics } from '../../../server/protocol/messages/19_create_topics.ts'
import { DeleteTopics } from '../../../server/protocol/messages/20_delete_topics.ts'
import { DescribeClientQuotas } from '../../../server/protocol/messages/48_describe_client_quotas.ts'
import { AlterClientQuotas } from '../../../server/protocol/messages/49_alter_client_quotas.ts'
import { type StepOptions, step } from '../step.ts'

/** `user=a,client-id`: user a, and the default of client ids. */
const entityOf = (text: string) =>
  text
    .split(',')
    .filter(Boolean)
    .map((part) => {
      const [entityType, entityName] = part.split('=')
      return { entityType: entityType!, entityName: entityName ?? null }
    })

/** Null removes. */
type Ops = readonly (readonly [key: string, value: number | null])[]

const alter = (
  title: string,
  entries: readonly (readonly [entity: string, ops: Ops])[],
  o: StepOptions & { validateOnly?: boolean } = {},
) =>
  step(
    title,
    AlterClientQuotas,
    {
      entries: entries.map(([entity, ops]) => ({
        entity: entityOf(entity),
        ops: ops.map(([key, value]) => ({ key, value: value ?? 0, remove: value === null })),
      })),
      validateOnly: o.validateOnly ?? false,
    },
    o,
  )

/** `user:0=a,client-id:2`: each with how it is to match. */
const describe = (filter: string, o: StepOptions & { strict?: boolean } = {}) =>
  step(
    `what there is of ${filter || 'anything'}${o.strict ? ', strictly' : ''}`,
    DescribeClientQuotas,
    {
      components: filter
        .split(',')
        .filter(Boolean)
        .map((part) => {
          const [entityType, matchType, match] = part.split(/[:=]/)
          return { entityType: entityType!, matchType: Number(matchType), match: match ?? null }
        }),
      strict: o.strict ?? false,
    },
    o,
  )

const P = 'producer_byte_rate'
const RATE = 'connection_creation_rate'
const one = (entity: string, key: string, value: number | null, o: StepOptions = {}) =>
  alter(`${key} ${value} of ${entity || 'nobody'}`, [[entity, [[key, value]]]], o)

const create = (name: string, numPartitions: number, o: StepOptions = {}) =>
  step(
    `a topic of ${numPartitions}`,
    CreateTopics,
    {
      topics: [{ name, numPartitions, replicationFactor: 1, assignments: [], configs: [] }],
      timeoutMs: 10_000,
      validateOnly: false,
    },
    o,
  )

const THROTTLING_QUOTA_EXCEEDED = 89

export const clientQuotas = [
  alter('of all kinds of entities', [
    [
      'user=a',
      [
        [P, 1_000_000],
        ['request_percentage', 1250.5],
      ],
    ],
    ['user', [[P, 1e12]]],
    ['user=a,client-id=b', [[P, 2]]],
    ['client-id=b,user', [[P, 3]]],
    ['client-id=nobody', [['consumer_byte_rate', 4]]],
    ['ip=127.0.0.9', [[RATE, 5]]],
    ['ip', [[RATE, 50_000]]],
  ]),
  one('', P, 1),
  one('foo=a', P, 1),
  one('user=', P, 1),
  one('user=a,ip=1.2.3.4', P, 1),
  one('ip=1.2.3.4', P, 1),
  one('ip=999.1.1.1', RATE, 1),
  one('ip=::1', RATE, 100),
  one('ip=1.2.3.4', RATE, 1.5),
  one('ip=1.2.3.4', RATE, 2 ** 31),
  one('user=a', 'nonsense', 1),
  one('user=a', 'nonsense', null),
  one('user=a', RATE, 1),
  one('user=a', P, 0),
  one('user=a', P, -1),
  one('user=a', P, 1.5),
  one('user=a', P, 1e300),
  one('user=a', P, Number.NaN, { differs: 'a quota that is no number limits nobody, and is refused' }),
  one('user=a', P, 1_000_000),
  one('user=a', 'request_percentage', 0.001),
  one('user=zz', P, null),
  alter('an entity twice', [
    ['user=q', [[P, 5]]],
    ['user=q', [[P, 6]]],
  ]),
  alter('a quota twice', [
    [
      'user=s',
      [
        [P, 5],
        [P, 6],
      ],
    ],
  ]),
  alter('one in order, one not', [
    [
      'user=t',
      [
        ['consumer_byte_rate', 5],
        [P, -6],
      ],
    ],
  ]),
  alter('only to see whether it would do', [['user=u', [[P, 5]]]], { validateOnly: true }),
  alter('nothing', []),
  describe('', { versions: [0, 1] }),
  describe('', { strict: true }),
  describe('user:0=a'),
  describe('user:0=a', { strict: true }),
  describe('user:1'),
  describe('user:2', { strict: true }),
  describe('user:2,client-id:2'),
  describe('ip:2', { strict: true }),
  describe('ip:0=127.0.0.9'),
  describe('ip:1'),
  describe('user:0'),
  describe('user:1=a'),
  describe('user:2=a'),
  describe('user:3'),
  describe('foo:2'),
  describe('user:2,user:1'),
  describe('ip:2,user:2'),
  one('client-id=differential', 'controller_mutation_rate', 1),
  create('quota-1', 15),
  create('quota-2', 1),
  step('none is deleted either', DeleteTopics, {
    topics: [{ name: 'quota-1', topicId: 'AAAAAAAAAAAAAAAAAAAAAA' }],
    timeoutMs: 10_000,
  }),
  one('client-id=differential', 'controller_mutation_rate', null),
  // Kafka's broker hears of it a moment later.
  create('quota-2', 1, { until: (answer) => answer.topics[0].errorCode !== THROTTLING_QUOTA_EXCEEDED }),
  alter('all are removed', [
    [
      'user=a',
      [
        [P, null],
        ['request_percentage', null],
      ],
    ],
    ['user', [[P, null]]],
    ['user=a,client-id=b', [[P, null]]],
    ['client-id=b,user', [[P, null]]],
    ['client-id=nobody', [['consumer_byte_rate', null]]],
    ['ip=127.0.0.9', [[RATE, null]]],
    ['ip=::1', [[RATE, null]]],
    ['ip', [[RATE, null]]],
  ]),
  describe(''),
]
