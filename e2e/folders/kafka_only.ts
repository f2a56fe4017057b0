/**
 * What only Apache Kafka can write so far, and Weir must keep: transactions, a share group, ACLs, users, tokens. A broker that has
 * learned to write some of it need not be taken off here: it is what the folder holds that counts.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { FindCoordinator } from '../../server/protocol/messages/10_find_coordinator.ts'
import { InitProducerId } from '../../server/protocol/messages/22_init_producer_id.ts'
import { AddPartitionsToTxn } from '../../server/protocol/messages/24_add_partitions_to_txn.ts'
import { AddOffsetsToTxn } from '../../server/protocol/messages/25_add_offsets_to_txn.ts'
import { EndTxn } from '../../server/protocol/messages/26_end_txn.ts'
import { TxnOffsetCommit } from '../../server/protocol/messages/28_txn_offset_commit.ts'
import { CreateAcls } from '../../server/protocol/messages/30_create_acls.ts'
import { CreateDelegationToken } from '../../server/protocol/messages/38_create_delegation_token.ts'
import { AlterUserScramCredentials } from '../../server/protocol/messages/51_alter_user_scram_credentials.ts'
import { ShareGroupHeartbeat } from '../../server/protocol/messages/76_share_group_heartbeat.ts'
import { ShareFetch } from '../../server/protocol/messages/78_share_fetch.ts'
import { ShareAcknowledge } from '../../server/protocol/messages/79_share_acknowledge.ts'
import { type Broker, check } from './broker.ts'
import { createTopic, produce, setConfigs, succeeds } from './writing.ts'

/** As long as Apache Kafka allows: what is left open stays open at every station. */
const TRANSACTION_MS = 900_000

export async function writeKafkaOnly(broker: Broker, admin: Broker): Promise<void> {
  await transactions(broker)
  await shareGroup(broker)
  await users(broker)
  await token(admin)
}

// --- transactions ---

interface Transactional {
  transactionalId: string
  producerId: number
  producerEpoch: number
  sequence: number
}

async function transactions(broker: Broker): Promise<void> {
  await createTopic(broker, 'transactional', { partitions: 2 })
  const committed = await producer(broker, 'tx-commits')
  const aborted = await producer(broker, 'tx-aborts')
  for (let round = 0; round < 3; round++) {
    await begin(broker, committed)
    await begin(broker, aborted)
    for (let i = 0; i < 4; i++) {
      await write(broker, committed, `kept ${round} ${i}`)
      await write(broker, aborted, `taken back ${round} ${i}`)
      await produce(broker, { topic: 'transactional' }, [{ key: null, value: Buffer.from(`plain ${round} ${i}`) }])
    }
    await offset(broker, committed, 100 + round)
    await offset(broker, aborted, 900 + round)
    await end(broker, aborted, false)
    await end(broker, committed, true)
  }
  const open = await producer(broker, 'tx-open')
  await begin(broker, open)
  await write(broker, open, 'not ended', 1)
  await offset(broker, open, 500)
  await produce(broker, { topic: 'transactional', index: 1 }, [{ key: null, value: Buffer.from('after the open one') }])
}

async function producer(broker: Broker, transactionalId: string): Promise<Transactional> {
  const find = () => broker.ask(FindCoordinator, 4, { keyType: 1, coordinatorKeys: [transactionalId] })
  await succeeds(find, (a) => a.coordinators[0]!.errorCode, 'FindCoordinator')
  const init = () => broker.ask(InitProducerId, 4, { transactionalId, transactionTimeoutMs: TRANSACTION_MS })
  const { producerId, producerEpoch } = await succeeds(init, (a) => a.errorCode, 'InitProducerId')
  return { transactionalId, producerId, producerEpoch, sequence: 0 }
}

async function begin(broker: Broker, t: Transactional): Promise<void> {
  const ask = () =>
    broker.ask(AddPartitionsToTxn, 3, {
      v3AndBelowTransactionalId: t.transactionalId,
      v3AndBelowProducerId: t.producerId,
      v3AndBelowProducerEpoch: t.producerEpoch,
      v3AndBelowTopics: [{ name: 'transactional', partitions: [0, 1] }],
    })
  const code = (a: Awaited<ReturnType<typeof ask>>) =>
    a.resultsByTopicV3AndBelow[0]!.resultsByPartition[0]!.partitionErrorCode
  await succeeds(ask, code, 'AddPartitionsToTxn')
}

async function write(broker: Broker, t: Transactional, value: string, index = 0): Promise<void> {
  const { producerId, producerEpoch, transactionalId } = t
  const records = [{ key: null, value: Buffer.from(value) }]
  await produce(broker, { topic: 'transactional', index, transactionalId }, records, {
    producerId,
    producerEpoch,
    baseSequence: t.sequence++,
  })
}

async function offset(broker: Broker, t: Transactional, committedOffset: number): Promise<void> {
  const { producerId, producerEpoch, transactionalId } = t
  const who = { transactionalId, producerId, producerEpoch, groupId: 'transactional-offsets' }
  await succeeds(
    () => broker.ask(AddOffsetsToTxn, 3, who),
    (a) => a.errorCode,
    'AddOffsetsToTxn',
  )
  const topics = [
    { name: 'transactional', partitions: [{ partitionIndex: 0, committedOffset, committedMetadata: null }] },
  ]
  const commit = () => broker.ask(TxnOffsetCommit, 3, { ...who, topics })
  await succeeds(commit, (a) => a.topics[0]!.partitions[0]!.errorCode, 'TxnOffsetCommit')
}

async function end(broker: Broker, t: Transactional, committed: boolean): Promise<void> {
  const { producerId, producerEpoch, transactionalId } = t
  const ask = () => broker.ask(EndTxn, 3, { transactionalId, producerId, producerEpoch, committed })
  await succeeds(ask, (a) => a.errorCode, 'EndTxn')
}

// --- a share group ---

async function shareGroup(broker: Broker): Promise<void> {
  await setConfigs(broker, 32, 'shared', { 'share.auto.offset.reset': 'earliest' })
  await createTopic(broker, 'to-share')
  for (let i = 0; i < 10; i++)
    await produce(broker, { topic: 'to-share' }, [{ key: null, value: Buffer.from(`share ${i}`) }])
  const memberId = 'c2hhcmUtbWVtYmVyLTAwMA'
  const beat = (memberEpoch: number) =>
    broker.ask(ShareGroupHeartbeat, 1, { groupId: 'shared', memberId, memberEpoch, subscribedTopicNames: ['to-share'] })
  let answer = await succeeds(
    () => beat(0),
    (a) => a.errorCode,
    'ShareGroupHeartbeat',
  )
  let topicId = answer.assignment?.topicPartitions[0]?.topicId
  for (let i = 0; topicId === undefined; i++) {
    if (i > 200) throw new Error('the share group assigns nothing')
    await sleep(50)
    answer = await succeeds(
      () => beat(answer.memberEpoch),
      (a) => a.errorCode,
      'ShareGroupHeartbeat',
    )
    topicId = answer.assignment?.topicPartitions[0]?.topicId
  }
  const range = await acquire(broker, memberId, topicId)
  const acked = await broker.ask(ShareAcknowledge, 1, {
    groupId: 'shared',
    memberId,
    shareSessionEpoch: range.epoch,
    topics: [
      {
        topicId,
        partitions: [
          {
            partitionIndex: 0,
            acknowledgementBatches: [
              { firstOffset: range.firstOffset, lastOffset: range.firstOffset + 4, acknowledgeTypes: [1] },
            ],
          },
        ],
      },
    ],
  })
  check(acked.errorCode || acked.responses[0]!.partitions[0]!.errorCode, 'ShareAcknowledge')
  check((await beat(-1)).errorCode, 'leaving the share group')
}

/** Fetches until records are handed out; the epoch is that of the session's next request. */
async function acquire(
  broker: Broker,
  memberId: string,
  topicId: string,
): Promise<{ firstOffset: number; epoch: number }> {
  for (let epoch = 0; epoch < 200; epoch++) {
    const answer = await broker.ask(ShareFetch, 1, {
      groupId: 'shared',
      memberId,
      shareSessionEpoch: epoch,
      maxWaitMs: 100,
      minBytes: 1,
      maxRecords: 100,
      batchSize: 100,
      topics: epoch === 0 ? [{ topicId, partitions: [{ partitionIndex: 0, acknowledgementBatches: [] }] }] : [],
      forgottenTopicsData: [],
    })
    check(answer.errorCode, 'ShareFetch')
    const acquired = answer.responses[0]?.partitions[0]?.acquiredRecords[0]
    if (acquired) return { firstOffset: acquired.firstOffset, epoch: epoch + 1 }
  }
  throw new Error('the share group hands out nothing')
}

// --- users ---

async function users(broker: Broker): Promise<void> {
  const acl = { resourcePatternType: 3, host: '*', permissionType: 3 }
  const made = await broker.ask(CreateAcls, 3, {
    creations: [
      { ...acl, resourceType: 2, resourceName: 'plain', principal: 'User:alice', operation: 3 },
      { ...acl, resourceType: 3, resourceName: 'classic', principal: 'User:bob', operation: 3, resourcePatternType: 4 },
    ],
  })
  for (const { errorCode, errorMessage } of made.results) check(errorCode, `CreateAcls (${errorMessage})`)
  const scram = await broker.ask(AlterUserScramCredentials, 0, {
    deletions: [],
    upsertions: [
      { name: 'alice', mechanism: 1, iterations: 4096, salt: Buffer.alloc(16, 1), saltedPassword: Buffer.alloc(32, 2) },
    ],
  })
  for (const { errorCode, errorMessage } of scram.results)
    check(errorCode, `AlterUserScramCredentials (${errorMessage})`)
}

async function token(admin: Broker): Promise<void> {
  const ask = () =>
    admin.ask(CreateDelegationToken, 3, {
      ownerPrincipalType: null,
      ownerPrincipalName: null,
      renewers: [{ principalType: 'User', principalName: 'bob' }],
      maxLifetimeMs: -1,
    })
  await succeeds(ask, (a) => a.errorCode, 'CreateDelegationToken')
}
