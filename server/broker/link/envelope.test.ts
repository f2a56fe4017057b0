import { expect, test } from 'vitest'
import { codec } from '../../protocol/codec.ts'
import { decodeRequestHeader, encodeResponse } from '../../protocol/frame.ts'
import { CreateTopics } from '../../protocol/messages/19_create_topics.ts'
import { addressBytes, unwrap, wrap } from './envelope.ts'

test.each([
  ['/127.0.0.1', '7f000001'],
  ['::ffff:10.1.2.3', '0a010203'],
  ['/::1', '00000000000000000000000000000001'],
  ['2001:db8::7', '20010db8000000000000000000000007'],
  ['fe80::1%eth0', 'fe800000000000000000000000000001'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ['a host', '7f000001'],
  ['1::2::3', '7f000001'],
  ['::fffff', '7f000001'],
])('the address %s is passed on as %s', (host, hex) => {
  expect(addressBytes(host).toString('hex')).toBe(hex)
})

test('a request is passed on in its version, with its client, and its answer comes back', () => {
  const request = {
    topics: [{ name: 'a', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: 5,
    validateOnly: false,
  }
  const { requestData, requestPrincipal } = wrap(CreateTopics, request, {
    version: 5,
    clientId: 'c',
    principal: 'User:ANONYMOUS',
    clientHost: '/127.0.0.1',
  })
  const header = decodeRequestHeader(requestData)
  expect(header).toMatchObject({ apiKey: 19, apiVersion: 5, clientId: 'c' })
  expect(codec(CreateTopics.request, 5).decode(header.reader)).toEqual(request)
  // As Apache Kafka's brokers send it: a version, two compact strings, a flag, no tagged fields.
  expect(requestPrincipal.toString('hex')).toBe(
    `0000${'05'}${Buffer.from('User').toString('hex')}0a${Buffer.from('ANONYMOUS').toString('hex')}0000`,
  )
  const answer = Buffer.concat(encodeResponse(CreateTopics, 5, 0, { topics: [] })).subarray(4)
  expect(unwrap(CreateTopics, 5, answer)).toMatchObject({ topics: [] })
  expect(() => unwrap(CreateTopics, 5, answer.subarray(0, 3))).toThrow()
})
