/**
 * Dialogues with the controller, as text in `transcripts/`: each request (`>`), the records that it wrote, and the answer (`<`).
 * `npx vitest run server/metadata -u` writes them anew; then the difference is to be read.
 */
import { expect, test } from 'vitest'
import type { Api } from '../protocol/api.ts'
import { decode, encode } from '../protocol/codec.ts'
import { errorOf, KafkaError } from '../protocol/errors.ts'
import { CreateTopics } from '../protocol/messages/19_create_topics.ts'
import { DeleteTopics } from '../protocol/messages/20_delete_topics.ts'
import { AlterConfigs } from '../protocol/messages/33_alter_configs.ts'
import { CreatePartitions } from '../protocol/messages/37_create_partitions.ts'
import { ElectLeaders } from '../protocol/messages/43_elect_leaders.ts'
import { IncrementalAlterConfigs } from '../protocol/messages/44_incremental_alter_configs.ts'
import { AlterPartitionReassignments } from '../protocol/messages/45_alter_partition_reassignments.ts'
import { UpdateFeatures } from '../protocol/messages/57_update_features.ts'
import { AllocateProducerIds } from '../protocol/messages/67_allocate_producer_ids.ts'
import { type Fields, type Input, type Message, ZERO_UUID } from '../protocol/schema.ts'
import type { ConfigRules } from './config_rules.ts'
import type { ControllerSettings } from './context.ts'
import { type MetadataRecord, metadataRecord } from './record_codec.ts'
import { addBrokers, fromWire, recordLines, startController, type TestController } from './testing.ts'

/** A small table of settings, of which some are lists. */
const rules: ConfigRules = {
  problem(resource, values) {
    for (const [name, value] of values) {
      if (!/^(retention\.ms|cleanup\.policy|log\.cleaner\.threads|min\.insync\.replicas)$/.test(name)) {
        return new KafkaError('INVALID_CONFIG', `There is no setting '${name}' for resources of type ${resource.type}.`)
      }
      if (name === 'retention.ms' && !/^-?\d+$/.test(value)) {
        return new KafkaError('INVALID_CONFIG', `retention.ms must be a whole number, not '${value}'.`)
      }
    }
    return undefined
  },
  isList: (_, name) => name === 'cleanup.policy',
  defaultValue: (_, name) => (name === 'cleanup.policy' ? 'delete' : null),
  effectiveTopicConfigs: (own) => [
    {
      name: 'retention.ms',
      value: own.get('retention.ms') ?? '604800000',
      readOnly: false,
      configSource: own.has('retention.ms') ? 1 : 5,
      isSensitive: false,
    },
  ],
}

async function dialogue(
  options: { brokers?: number[]; settings?: Partial<ControllerSettings>; bootstrap?: readonly MetadataRecord[] },
  speak: (
    ask: <Q extends Fields, S extends Fields>(
      api: Api<Q, S>,
      version: number,
      request: Input<Message<Q>>,
    ) => Promise<any>,
    t: TestController,
  ) => Promise<void>,
): Promise<string> {
  const t = await startController({ configRules: rules, ...options })
  await addBrokers(t, ...(options.brokers ?? [1]))
  const lines: string[] = []
  const methods: Record<string, string> = {
    [CreateTopics.name]: 'createTopics',
    [DeleteTopics.name]: 'deleteTopics',
    [AlterConfigs.name]: 'alterConfigs',
    [CreatePartitions.name]: 'createPartitions',
    [IncrementalAlterConfigs.name]: 'incrementalAlterConfigs',
    [AllocateProducerIds.name]: 'allocateProducerIds',
    [ElectLeaders.name]: 'electOnRequest',
    [AlterPartitionReassignments.name]: 'alterPartitionReassignments',
    [UpdateFeatures.name]: 'updateFeatures',
  }
  await speak(async (api, version, request) => {
    const from = t.log.endOffset
    lines.push(`> ${api.name} v${version} ${JSON.stringify(request)}`)
    const asked = fromWire(api, version, request)
    const answer = await (t.controller as any)[methods[api.name]!](asked).catch((e: KafkaError) => e)
    lines.push(...recordLines(t.log, from).map((line) => `  ${line}`))
    if (answer instanceof KafkaError) lines.push(`< ${answer.error} ${answer.message}`, '')
    else lines.push(`< ${JSON.stringify(decode(api.response, version, encode(api.response, version, answer)))}`, '')
    return answer
  }, t)
  return lines.join('\n')
}

const transcript = (name: string) => new URL(`transcripts/${name}.txt`, import.meta.url).pathname
const topic = (
  name: string,
  more: Partial<Input<Message<typeof CreateTopics.request.fields>>['topics'][number]> = {},
) => ({
  name,
  numPartitions: -1,
  replicationFactor: -1,
  assignments: [],
  configs: [],
  ...more,
})

test('topics are created with the defaults, with what is asked, by hand, and as a try', async () => {
  const text = await dialogue({ brokers: [1, 2, 3], settings: { numPartitions: 2 } }, async (ask) => {
    await ask(CreateTopics, 7, { topics: [topic('defaults')] })
    await ask(CreateTopics, 7, {
      topics: [
        topic('asked', { numPartitions: 3, replicationFactor: 2, configs: [{ name: 'retention.ms', value: '1000' }] }),
      ],
    })
    await ask(CreateTopics, 7, {
      topics: [
        topic('by-hand', {
          assignments: [
            { partitionIndex: 1, brokerIds: [2, 3] },
            { partitionIndex: 0, brokerIds: [1, 2] },
          ],
        }),
      ],
    })
    await ask(CreateTopics, 7, { topics: [topic('tried')], validateOnly: true })
    await ask(CreateTopics, 0, { topics: [topic('tried', { numPartitions: 1, replicationFactor: 1 })] })
  })
  await expect(text).toMatchFileSnapshot(transcript('create_topics'))
})

test('topics that cannot be are refused one by one, and the others are made', async () => {
  const text = await dialogue({}, async (ask) => {
    await ask(CreateTopics, 7, { topics: [topic('a.b')] })
    await ask(CreateTopics, 7, {
      topics: [
        topic('a.b'),
        topic('a_b'),
        topic('good'),
        topic(''),
        topic('.'),
        topic('..'),
        topic('no blanks'),
        topic('long'.repeat(63)),
        topic('__cluster_metadata'),
        topic('twice'),
        topic('twice'),
        topic('none', { numPartitions: 0 }),
        topic('minus', { numPartitions: -2 }),
        topic('factor', { replicationFactor: 0 }),
        topic('too-few-brokers', { replicationFactor: 2 }),
        topic('too-many', { numPartitions: 2_000_000_000 }),
        topic('unknown-config', { configs: [{ name: 'retention', value: '1' }] }),
        topic('wrong-config', { configs: [{ name: 'retention.ms', value: 'x' }] }),
        topic('null-config', { configs: [{ name: 'retention.ms', value: null }] }),
        topic('both', { numPartitions: 1, assignments: [{ partitionIndex: 0, brokerIds: [1] }] }),
        topic('gap', { assignments: [{ partitionIndex: 1, brokerIds: [1] }] }),
        topic('stranger', { assignments: [{ partitionIndex: 0, brokerIds: [7] }] }),
        topic('nobody', { assignments: [{ partitionIndex: 0, brokerIds: [] }] }),
        topic('same', { assignments: [{ partitionIndex: 0, brokerIds: [1, 1] }] }),
        topic('again', {
          assignments: [
            { partitionIndex: 0, brokerIds: [1] },
            { partitionIndex: 0, brokerIds: [1] },
          ],
        }),
      ],
    })
  })
  await expect(text).toMatchFileSnapshot(transcript('create_topics_errors'))
})

/** It does not answer any more. */
async function fence({ controller }: TestController, brokerId: number): Promise<void> {
  const { brokerEpoch } = controller.image.brokers.get(brokerId)!
  await controller.brokerLost(brokerId, brokerEpoch)
}

const byHand = (...replicas: number[][]) => ({
  numPartitions: -1,
  replicationFactor: -1,
  assignments: replicas.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds })),
})

test('a request for far more than one may make costs no more than what fits', async () => {
  const t = await startController()
  await addBrokers(t, 1, 2, 3)
  let draws = 0
  const { int } = t.random
  t.random.int = (below) => {
    draws++
    return int.call(t.random, below)
  }
  const topics = Array.from({ length: 200 }, (_, i) => topic(`t${i}`, { numPartitions: 6_000, replicationFactor: 3 }))
  const { topics: results } = await t.controller.createTopics(fromWire(CreateTopics, 7, { topics }))
  expect(results.map((r) => errorOf(r.errorCode))).toEqual(['NONE', ...Array(199).fill('POLICY_VIOLATION')])
  expect(draws).toBeLessThan(6_000 * 3)
})

test('topics that a request names twice by the hundred thousand are refused in its time', async () => {
  const t = await startController()
  const names = Array.from({ length: 100_000 }, (_, i) => `t${i}`)
  const request = { topics: [...names, ...names].map((name) => ({ name, topicId: ZERO_UUID })), timeoutMs: 0 }
  const { responses } = await t.controller.deleteTopics(fromWire(DeleteTopics, 6, request))
  expect(new Set(responses.map((r) => errorOf(r.errorCode)))).toEqual(new Set(['INVALID_REQUEST']))
}, 20_000)

test('partitions move to other replicas, at once where all of them are in sync, and back where it is given up', async () => {
  const text = await dialogue({ brokers: [1, 2, 3] }, async (ask) => {
    const move = (...replicas: (number[] | null)[]) =>
      ask(AlterPartitionReassignments, 1, {
        topics: [{ name: 'm', partitions: replicas.map((r, partitionIndex) => ({ partitionIndex, replicas: r })) }],
      })
    await ask(CreateTopics, 7, { topics: [topic('m', byHand([1, 2], [1, 3]))] })
    await move([2, 1], [1])
    await move([2], [1, 3])
    await move(null, null)
    await ask(AlterPartitionReassignments, 1, {
      allowReplicationFactorChange: false,
      topics: [{ name: 'm', partitions: [{ partitionIndex: 1, replicas: [1, 2, 3] }] }],
    })
    await ask(AlterPartitionReassignments, 1, {
      topics: [
        {
          name: 'm',
          partitions: [
            { partitionIndex: 1, replicas: [2] },
            { partitionIndex: 1, replicas: [3] },
          ],
        },
      ],
    })
  })
  await expect(text).toMatchFileSnapshot(transcript('reassignments'))
})

test('leaders are elected on request: the preferred one, or any that runs where none leads', async () => {
  const text = await dialogue({ brokers: [1, 2] }, async (ask, t) => {
    await ask(CreateTopics, 7, { topics: [topic('e', byHand([1, 2], [2, 1]))] })
    await ask(AlterPartitionReassignments, 1, {
      topics: [{ name: 'e', partitions: [{ partitionIndex: 0, replicas: [2, 1] }] }],
    })
    await ask(ElectLeaders, 2, { electionType: 0, topicPartitions: null })
    await ask(ElectLeaders, 2, { electionType: 0, topicPartitions: [{ topic: 'e', partitions: [0, 1, 7] }] })
    await t.controller.unregisterBroker(2)
    await ask(ElectLeaders, 2, { electionType: 0, topicPartitions: [{ topic: 'e', partitions: [0] }] })
    await ask(ElectLeaders, 2, { electionType: 1, topicPartitions: null })
    await ask(ElectLeaders, 2, { electionType: 5, topicPartitions: null })
  })
  await expect(text).toMatchFileSnapshot(transcript('elect_leaders'))
})

test('a broker that is forgotten leaves the replicas in sync, and where it was the last one nobody takes its place', async () => {
  const text = await dialogue({ brokers: [1, 2] }, async (ask, t) => {
    await ask(CreateTopics, 7, { topics: [topic('u', byHand([2, 1], [1, 2]))] })
    await ask(CreateTopics, 7, { topics: [topic('only', byHand([2]))] })
    await fence(t, 2)
    const from = t.log.endOffset
    await t.controller.unregisterBroker(2)
    expect(recordLines(t.log, from).map((line) => line.split(' ')[0])).toEqual([
      'PartitionChangeRecord',
      'UnregisterBrokerRecord',
    ])
    expect(t.controller.image.partition('only', 0)).toMatchObject({
      leader: -1,
      isr: [],
      eligibleLeaderReplicas: [],
      lastKnownElr: [2],
    })
    expect(t.controller.image.brokers.has(2)).toBe(false)
    await expect(t.controller.unregisterBroker(2)).rejects.toMatchObject({ error: 'BROKER_ID_NOT_REGISTERED' })
    await ask(ElectLeaders, 2, { electionType: 1, topicPartitions: [{ topic: 'u', partitions: [0, 1] }] })
  })
  await expect(text).toMatchFileSnapshot(transcript('unregister_broker'))
})

test('features rise, and fall where the request allows it and nothing is lost', async () => {
  const text = await dialogue({}, async (ask, t) => {
    const update = (feature: string, maxVersionLevel: number, upgradeType = 1, more = {}) =>
      ask(UpdateFeatures, 2, { featureUpdates: [{ feature, maxVersionLevel, upgradeType }], ...more })
    await update('share.version', 0)
    await update('share.version', 0, 2, { validateOnly: true })
    await update('share.version', 0, 2)
    expect(t.controller.image.features.has('share.version')).toBe(false)
    await update('share.version', 1)
    await update('metadata.version', 29, 2)
    await update('metadata.version', 29, 3)
    await update('metadata.version', 31)
    await update('group.version', -1, 2)
    await update('group.version', 0, 7)
    await update('no.such.version', 1)
    await update('kraft.version', 1)
    await update('eligible.leader.replicas.version', 0, 3)
    await t.controller.alterConfigs({
      resources: [
        { resourceType: 4, resourceName: '', configs: [] },
        { resourceType: 4, resourceName: '1', configs: [{ name: 'min.insync.replicas', value: '2' }] },
      ],
      validateOnly: false,
    })
    await update('eligible.leader.replicas.version', 1)
    await ask(UpdateFeatures, 1, {
      featureUpdates: [
        { feature: 'transaction.version', maxVersionLevel: 1, upgradeType: 2 },
        { feature: 'group.version', maxVersionLevel: 9 },
      ],
    })
  })
  await expect(text).toMatchFileSnapshot(transcript('update_features'))
})

test('min.insync.replicas is one for the cluster while eligible leader replicas are in use, and clears them where it changes', async () => {
  const text = await dialogue({}, async (ask) => {
    const alter = (resourceType: number, resourceName: string, value: string | null) =>
      ask(IncrementalAlterConfigs, 1, {
        resources: [
          {
            resourceType,
            resourceName,
            configs: [{ name: 'min.insync.replicas', configOperation: value === null ? 1 : 0, value }],
          },
        ],
        validateOnly: false,
      })
    await ask(CreateTopics, 7, { topics: [topic('a')] })
    await alter(2, 'a', '1')
    await alter(4, '', '2')
    await alter(4, '', null)
    await alter(4, '1', '1')
    await ask(UpdateFeatures, 2, {
      featureUpdates: [{ feature: 'eligible.leader.replicas.version', maxVersionLevel: 0, upgradeType: 2 }],
    })
    await alter(4, '1', '1')
    await alter(4, '', null)
  })
  await expect(text).toMatchFileSnapshot(transcript('min_insync_replicas'))
})

test('a raised metadata.version is written into records from then on', async () => {
  const bootstrap = [metadataRecord('FeatureLevelRecord', { name: 'metadata.version', featureLevel: 22 })]
  const text = await dialogue({ bootstrap }, async (ask) => {
    await ask(CreateTopics, 7, { topics: [topic('a')] })
    await ask(UpdateFeatures, 2, {
      featureUpdates: [{ feature: 'eligible.leader.replicas.version', maxVersionLevel: 1 }],
    })
    await ask(UpdateFeatures, 2, { featureUpdates: [{ feature: 'metadata.version', maxVersionLevel: 29 }] })
    await ask(CreateTopics, 7, { topics: [topic('b')] })
    // Between these two no record has changed, so it may fall.
    await ask(UpdateFeatures, 2, {
      featureUpdates: [{ feature: 'metadata.version', maxVersionLevel: 26, upgradeType: 2 }],
    })
  })
  await expect(text).toMatchFileSnapshot(transcript('metadata_version'))
})

test('without a running broker no topic can be made', async () => {
  const text = await dialogue({ brokers: [] }, async (ask) => {
    await ask(CreateTopics, 7, { topics: [topic('a')] })
  })
  await expect(text).toMatchFileSnapshot(transcript('create_topics_no_broker'))
})

test('topics are deleted by name and by id, with their configs', async () => {
  const text = await dialogue({}, async (ask, t) => {
    await ask(CreateTopics, 7, {
      topics: [topic('a', { configs: [{ name: 'retention.ms', value: '1' }] }), topic('b'), topic('c')],
    })
    const id = (name: string) => t.controller.image.topic(name)!.topicId
    const b = id('b')
    const c = id('c')
    await ask(DeleteTopics, 5, { topicNames: ['a', 'missing'], timeoutMs: 0 })
    expect(t.controller.image.configsOf(2, 'a').size).toBe(0)
    await ask(DeleteTopics, 6, { topics: [{ name: null, topicId: b }], timeoutMs: 0 })
    await ask(DeleteTopics, 6, {
      topics: [
        { name: null, topicId: b },
        { name: null, topicId: ZERO_UUID },
        { name: 'c', topicId: c },
        { name: 'c', topicId: ZERO_UUID },
        { name: null, topicId: c },
        { name: '__cluster_metadata', topicId: ZERO_UUID },
      ],
      timeoutMs: 0,
    })
    await ask(DeleteTopics, 1, { topicNames: ['c'], timeoutMs: 0 })
  })
  await expect(text).toMatchFileSnapshot(transcript('delete_topics'))
})

test('with delete.topic.enable=false nothing is deleted', async () => {
  const text = await dialogue({ settings: { deleteTopicEnable: false } }, async (ask) => {
    await ask(CreateTopics, 7, { topics: [topic('a')] })
    await ask(DeleteTopics, 5, { topicNames: ['a'], timeoutMs: 0 })
  })
  await expect(text).toMatchFileSnapshot(transcript('delete_topics_disabled'))
})

test('a topic grows, by itself or by hand, and never shrinks', async () => {
  const text = await dialogue({ brokers: [1, 2] }, async (ask) => {
    await ask(CreateTopics, 7, { topics: [topic('a', { numPartitions: 2 })] })
    const grow = (
      name: string,
      count: number,
      assignments: { brokerIds: number[] }[] | null = null,
      validateOnly = false,
    ) => ask(CreatePartitions, 3, { topics: [{ name, count, assignments }], timeoutMs: 0, validateOnly })
    await grow('a', 3, null, true)
    await grow('a', 3)
    await grow('a', 5, [{ brokerIds: [2] }, { brokerIds: [1] }])
    await grow('a', 5)
    await grow('a', 1)
    await grow('missing', 2)
    await grow('a', 7, [{ brokerIds: [1] }])
    await grow('a', 6, [{ brokerIds: [1, 2] }])
    await grow('a', 6, [{ brokerIds: [9] }])
    await grow('a', 1_000_000)
  })
  await expect(text).toMatchFileSnapshot(transcript('create_partitions'))
})

test('configs are set, deleted, and changed as lists', async () => {
  const text = await dialogue({}, async (ask) => {
    await ask(CreateTopics, 7, { topics: [topic('a')] })
    const alter = (
      type: number,
      resourceName: string,
      name: string,
      configOperation: number,
      value: string | null,
      validateOnly = false,
    ) =>
      ask(IncrementalAlterConfigs, 1, {
        resources: [{ resourceType: type, resourceName, configs: [{ name, configOperation, value }] }],
        validateOnly,
      })
    await alter(2, 'a', 'retention.ms', 0, '5', true)
    await alter(2, 'a', 'retention.ms', 0, '5')
    await alter(2, 'a', 'retention.ms', 0, '5')
    await alter(2, 'a', 'cleanup.policy', 2, 'compact')
    await alter(2, 'a', 'cleanup.policy', 2, 'compact')
    await alter(2, 'a', 'cleanup.policy', 3, 'delete,other')
    await alter(2, 'a', 'retention.ms', 2, '6')
    await alter(2, 'a', 'retention.ms', 0, 'x')
    await alter(2, 'a', 'retention.ms', 0, null)
    await alter(2, 'a', 'retention.ms', 1, null)
    await alter(2, 'a', 'retention.ms', 7, '1')
    await alter(2, 'missing', 'retention.ms', 0, '1')
    await alter(2, '', 'retention.ms', 0, '1')
    await alter(4, '', 'log.cleaner.threads', 0, '2')
    await alter(4, '1', 'log.cleaner.threads', 0, '3')
    await alter(4, '1', 'log.cleaner.threads', 0, '3')
    await alter(4, '9', 'log.cleaner.threads', 0, '3')
    await alter(4, 'one', 'log.cleaner.threads', 0, '3')
    await alter(32, 'g', 'retention.ms', 0, '3')
    await alter(16, '', 'retention.ms', 0, '3')
    await alter(8, '1', 'root', 0, 'DEBUG')
    const twice = { resourceType: 2, resourceName: 'a', configs: [] }
    await ask(IncrementalAlterConfigs, 1, { resources: [twice, twice], validateOnly: false })
    const set = { name: 'retention.ms', configOperation: 0, value: '1' }
    await ask(IncrementalAlterConfigs, 1, { resources: [{ ...twice, configs: [set, set] }], validateOnly: false })
  })
  await expect(text).toMatchFileSnapshot(transcript('incremental_alter_configs'))
})

test('AlterConfigs removes what it does not name', async () => {
  const text = await dialogue({}, async (ask) => {
    await ask(CreateTopics, 7, { topics: [topic('a', { configs: [{ name: 'retention.ms', value: '1' }] })] })
    const alter = (configs: { name: string; value: string | null }[], validateOnly = false) =>
      ask(AlterConfigs, 2, { resources: [{ resourceType: 2, resourceName: 'a', configs }], validateOnly })
    await alter([{ name: 'cleanup.policy', value: 'compact' }], true)
    await alter([{ name: 'cleanup.policy', value: 'compact' }])
    await alter([{ name: 'nonsense', value: '1' }])
    await alter([{ name: 'retention.ms', value: null }])
    await alter([])
  })
  await expect(text).toMatchFileSnapshot(transcript('alter_configs'))
})

test('producer ids go to registered brokers in their present life only', async () => {
  const text = await dialogue({}, async (ask, t) => {
    const { brokerEpoch } = t.controller.image.brokers.get(1)!
    await ask(AllocateProducerIds, 0, { brokerId: 1, brokerEpoch })
    await ask(AllocateProducerIds, 0, { brokerId: 1, brokerEpoch })
    await ask(AllocateProducerIds, 0, { brokerId: 1, brokerEpoch: brokerEpoch - 1 })
    await ask(AllocateProducerIds, 0, { brokerId: 2, brokerEpoch })
  })
  await expect(text).toMatchFileSnapshot(transcript('allocate_producer_ids'))
})
