/** What brokers pass on of what their clients ask (KIP-590): byte for byte as they came, answered as if the client were here. */
import { describe, expect, test } from 'vitest'
import type { Api } from '../protocol/api.ts'
import { encode } from '../protocol/codec.ts'
import { errorOf, KafkaError } from '../protocol/errors.ts'
import { DefaultPrincipal } from '../protocol/files/default_principal.ts'
import { decodeResponse, encodeRequest } from '../protocol/frame.ts'
import { Metadata } from '../protocol/messages/03_metadata.ts'
import { CreateTopics } from '../protocol/messages/19_create_topics.ts'
import { AlterClientQuotas } from '../protocol/messages/49_alter_client_quotas.ts'
import { DescribeQuorum } from '../protocol/messages/55_describe_quorum.ts'
import { Envelope } from '../protocol/messages/58_envelope.ts'
import type { Fields, Infer, Input, Message } from '../protocol/schema.ts'
import { createTopic, join, type Peer, stage } from './testing.ts'

const ANONYMOUS = Buffer.concat([
  Buffer.from([0, 0]),
  encode(DefaultPrincipal, 0, { type: 'User', name: 'ANONYMOUS', tokenAuthenticated: false }),
])
const LOOPBACK = Buffer.from([127, 0, 0, 1])

interface Client {
  readonly version?: number
  readonly clientId?: string
  readonly principal?: Buffer | null
  readonly address?: Buffer
}

/** A request as a client's, without the size that it had on its connection. */
const requestData = <Q extends Fields>(api: Api<Q, any>, version: number, body: Input<Message<Q>>, clientId = 'app') =>
  Buffer.concat(encodeRequest(api, version, 77, clientId, body)).subarray(4)

const pass = (peer: Peer, data: Buffer, { principal, address }: Client = {}) =>
  peer.ask(Envelope, {
    requestData: data,
    requestPrincipal: principal === undefined ? ANONYMOUS : principal,
    clientHostAddress: address ?? LOOPBACK,
  })

async function forward<Q extends Fields, S extends Fields>(
  peer: Peer,
  api: Api<Q, S>,
  body: Input<Message<Q>>,
  o: Client = {},
): Promise<Infer<Message<S>>> {
  const version = o.version ?? 7
  const { errorCode, responseData } = await pass(peer, requestData(api, version, body, o.clientId), o)
  expect(errorOf(errorCode)).toBe('NONE')
  const response = decodeResponse(api, version, responseData!)
  expect(response.correlationId).toBe(77)
  return response.body
}

async function withBroker(settings: Record<string, string> = {}, o: Parameters<typeof stage>[0] = {}) {
  const s = stage(o)
  const node = await s.start(settings)
  const peer = s.peer('broker1')
  await join(peer, 1, node.clusterId)
  return { s, node, peer }
}

describe('a request within an Envelope', () => {
  test.each([2, 5, 7])('is answered in its own version (%i)', async (version) => {
    const { node, peer } = await withBroker()
    const { topics } = await forward(peer, CreateTopics, createTopic('orders', 1), { version })
    expect(topics).toMatchObject([{ name: 'orders', errorCode: 0 }])
    expect(node.controller.image.topic('orders')).toBeDefined()
  })

  test('that fails is answered with its error, not the Envelope', async () => {
    const { peer } = await withBroker()
    const { topics } = await forward(peer, CreateTopics, createTopic('orders', 3))
    expect(errorOf(topics[0]!.errorCode)).toBe('INVALID_REPLICATION_FACTOR')
  })

  test('may ask who leads the quorum', async () => {
    const { peer } = await withBroker()
    const body = { topics: [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }] }
    const { topics } = await forward(peer, DescribeQuorum, body, { version: 2 })
    expect(topics[0]!.partitions[0]!.leaderId).toBe(3000)
  })

  test.each([
    ['without a principal', { principal: null }, 'PRINCIPAL_DESERIALIZATION_FAILURE'],
    ['whose principal cannot be read', { principal: Buffer.from([0]) }, 'PRINCIPAL_DESERIALIZATION_FAILURE'],
    ['from no address', { address: Buffer.from([1, 2]) }, 'INVALID_REQUEST'],
  ])('%s is refused', async (_, client, error) => {
    const { peer } = await withBroker()
    const data = requestData(CreateTopics, 7, createTopic('orders', 1))
    const answer = await pass(peer, data, client as Client)
    expect(answer).toEqual({ errorCode: expect.anything(), responseData: null })
    expect(errorOf(answer.errorCode)).toBe(error)
  })

  const good = requestData(CreateTopics, 7, createTopic('orders', 1))
  const ofVersion = (version: number) => {
    const data = Buffer.from(good)
    data.writeInt16BE(version, 2)
    return data
  }
  test.each([
    ['that brokers answer themselves', requestData(Metadata, 12, { topics: null }), 'INVALID_REQUEST'],
    ['of a version that is not known', ofVersion(99), 'UNSUPPORTED_VERSION'],
    ['that is cut short', good.subarray(0, good.length - 9), 'UNSUPPORTED_VERSION'],
    ['that is empty', Buffer.alloc(0), 'UNSUPPORTED_VERSION'],
  ])('%s is refused', async (_, data, error) => {
    const { peer, node } = await withBroker()
    const answer = await pass(peer, data)
    expect(errorOf(answer.errorCode)).toBe(error)
    expect(answer.responseData).toBeNull()
    expect(node.controller.image.topics.size).toBe(0)
  })

  test('from an IPv6 address is taken', async () => {
    const { peer } = await withBroker()
    const { topics } = await forward(peer, CreateTopics, createTopic('orders', 1), { address: Buffer.alloc(16) })
    expect(topics[0]!.errorCode).toBe(0)
  })

  test('is to be asked of another controller once this one stops', async () => {
    const { s, peer } = await withBroker()
    s.node.controller.stop(new KafkaError('NOT_CONTROLLER'))
    const answer = await pass(peer, good)
    expect(errorOf(answer.errorCode)).toBe('NOT_CONTROLLER')
  })
})

describe('the quota of a client whose request is passed on (KIP-599)', () => {
  const limit = (peer: Peer, entityName: string) =>
    peer.ask(AlterClientQuotas, {
      entries: [
        {
          entity: [{ entityType: 'client-id', entityName }],
          ops: [{ key: 'controller_mutation_rate', value: 1, remove: false }],
        },
      ],
      validateOnly: false,
    })
  const topic = (name: string, numPartitions: number) => ({
    ...createTopic(name, 1),
    topics: [{ ...createTopic(name, 1).topics[0]!, numPartitions }],
  })

  test('is the client’s own, by the id in its request, and its broker is not made to wait', async () => {
    const { peer } = await withBroker()
    await limit(peer, 'greedy')
    const first = await forward(peer, CreateTopics, topic('large', 40), { clientId: 'greedy' })
    expect(first.topics[0]!.errorCode).toBe(0)
    const second = await forward(peer, CreateTopics, topic('small', 1), { clientId: 'greedy' })
    expect(errorOf(second.topics[0]!.errorCode)).toBe('THROTTLING_QUOTA_EXCEEDED')
    expect(second.throttleTimeMs).toBeGreaterThan(0)
    const other = await forward(peer, CreateTopics, topic('other', 1), { clientId: 'modest' })
    expect(other.topics[0]!.errorCode).toBe(0)
    expect(other.throttleTimeMs).toBe(0)
  })

  test('is not used up by waiting for the controller’s disk', async () => {
    const { peer } = await withBroker({}, { disk: { syncMs: { low: 400, high: 500 } } })
    await peer.ask(AlterClientQuotas, {
      entries: [
        {
          entity: [{ entityType: 'client-id', entityName: 'app' }],
          ops: [{ key: 'request_percentage', value: 1, remove: false }],
        },
      ],
      validateOnly: false,
    })
    for (const name of ['a', 'b', 'c']) {
      expect((await forward(peer, CreateTopics, topic(name, 1))).throttleTimeMs).toBe(0)
    }
  })

  test('of an old version is taken, and the client waits afterwards', async () => {
    const { peer } = await withBroker()
    await limit(peer, 'greedy')
    await forward(peer, CreateTopics, topic('large', 40), { clientId: 'greedy', version: 5 })
    const second = await forward(peer, CreateTopics, topic('small', 1), { clientId: 'greedy', version: 5 })
    expect(second.topics[0]!.errorCode).toBe(0)
    expect(second.throttleTimeMs).toBeGreaterThan(0)
  })

  test('counts as well for who asks the controller itself', async () => {
    const { s, peer } = await withBroker()
    await limit(peer, 'admin')
    const admin = s.peer('admin')
    await admin.ask(CreateTopics, topic('large', 40))
    const second = await admin.ask(CreateTopics, topic('small', 1))
    expect(errorOf(second.topics[0]!.errorCode)).toBe('THROTTLING_QUOTA_EXCEEDED')
  })
})
