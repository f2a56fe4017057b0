// kafkajs.
import { createRequire } from 'node:module'
import { boot, check, codecs, factor, inADay, N, run, Seen, sleep, sum, topic, until, value } from './common.mjs'

const require = createRequire(import.meta.url)
const { Kafka, CompressionTypes: T, CompressionCodecs, logLevel } = require('kafkajs')

// kafkajs holds only gzip; the other three are plugged in, as its manual says
const lz4 = require('lz4-napi')
const zstd = require('@bokuweb/zstd-wasm')
await zstd.init()
CompressionCodecs[T.Snappy] = require('kafkajs-snappy')
CompressionCodecs[T.LZ4] = () => ({
  compress: (e) => lz4.compressFrame(e.buffer),
  decompress: (b) => lz4.decompressFrame(b),
})
CompressionCodecs[T.ZSTD] = () => ({
  compress: async (e) => Buffer.from(zstd.compress(e.buffer)),
  decompress: async (b) => Buffer.from(zstd.decompress(b)),
})
const compressionTypes = { none: T.None, gzip: T.GZIP, snappy: T.Snappy, lz4: T.LZ4, zstd: T.ZSTD }

const kafka = new Kafka({ brokers: [boot], clientId: 'mx', logLevel: logLevel.NOTHING })
const a = kafka.admin()
let mid = 0

async function consumer(options, subscribed) {
  const c = kafka.consumer(options)
  await c.connect()
  await c.subscribe({ topics: [subscribed], fromBeginning: true })
  return c
}

async function readAll(t, n, readUncommitted) {
  const out = []
  let last = Date.now()
  const c = await consumer({ groupId: `${t}-r-${readUncommitted}`, readUncommitted }, t)
  await c.run({
    autoCommit: false,
    eachMessage: async ({ message }) => {
      out.push(message)
      last = Date.now()
    },
  })
  for (const end = Date.now() + 30_000; Date.now() < end && (out.length < n || Date.now() - last < 1500); )
    await sleep(100)
  await c.disconnect()
  return out
}

async function admin() {
  await a.connect()
  await a.createTopics({
    topics: [
      { topic, numPartitions: 3, replicationFactor: factor },
      { topic: topic + '-d', numPartitions: 1, replicationFactor: factor },
    ],
  })
  const configEntries = [{ name: 'retention.ms', value: '3600000' }]
  await a.alterConfigs({ validateOnly: false, resources: [{ type: 2, name: topic, configEntries }] })
  const resources = [{ type: 2, name: topic, configNames: ['retention.ms'] }]
  const read = async () =>
    (await a.describeConfigs({ includeSynonyms: false, resources })).resources[0].configEntries[0].configValue
  await until(async () => (await read()) === '3600000')
  await a.createPartitions({ topicPartitions: [{ topic, count: 4 }] })
  await until(async () => (await a.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions.length === 4)
  await a.deleteTopics({ topics: [topic + '-d'] })
  await until(async () => !(await a.listTopics()).includes(topic + '-d'))
}

async function produce() {
  for (const [n, codec] of codecs.entries()) {
    if (n === 3) {
      await sleep(50)
      mid = Date.now()
      await sleep(50)
    }
    const messages = Array.from({ length: N }, (_, i) => ({
      key: 'k' + i,
      value: value(codec, i),
      headers: { codec, i: String(i) },
    }))
    const p = kafka.producer()
    await p.connect()
    await p.send({ topic, acks: -1, compression: compressionTypes[codec], messages })
    await p.disconnect()
  }
}

async function group() {
  const seen = new Seen()
  for (const goal of [2500, 5000]) {
    const c = await consumer({ groupId: topic + '-g' }, topic)
    await new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error(`only ${seen.size} of ${goal}`)), 60_000).unref()
      const eachBatch = async ({ batch }) => {
        if (seen.size >= goal) return
        try {
          for (const m of batch.messages)
            seen.record(String(m.headers.codec), Number(m.headers.i), String(m.key), String(m.value))
        } catch (e) {
          reject(e)
        }
        const offset = String(BigInt(batch.messages.at(-1).offset) + 1n)
        await c.commitOffsets([{ topic, partition: batch.partition, offset }])
        if (seen.size >= goal) resolve()
      }
      c.run({ autoCommit: false, eachBatchAutoResolve: true, eachBatch }).catch(reject)
    })
    await c.disconnect()
  }
  check(seen.size === 5000, seen.size)
}

async function timestamps() {
  const offsets = async (t) => (await a.fetchTopicOffsetsByTimestamp(topic, t)).map((o) => o.offset)
  check(sum(await offsets(mid)) === 3000, 'mid ' + (await offsets(mid)))
  check(sum(await offsets(0)) === 0, 'zero')
  // this client puts the end of the partition where the broker answers that there is none
  check([5000, -4].includes(sum(await offsets(inADay()))), 'future ' + (await offsets(inADay())))
  check(sum((await a.fetchTopicOffsets(topic)).map((o) => o.high)) === 5000, 'end')
  const [committed] = await a.fetchOffsets({ groupId: topic + '-g', topics: [topic] })
  check(sum(committed.partitions.map((p) => p.offset)) === 5000, 'committed')
}

async function idempotent() {
  const t = topic + '-i'
  await a.createTopics({ topics: [{ topic: t, numPartitions: 2, replicationFactor: factor }] })
  await until(async () => (await a.listTopics()).includes(t))
  const p = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await p.connect()
  await p.send({ topic: t, messages: Array.from({ length: 100 }, (_, i) => ({ key: String(i), value: 'v' })) })
  await p.disconnect()
  const got = await readAll(t, 100, true)
  check(got.length === 100 && new Set(got.map((m) => String(m.key))).size === 100, got.length)
}

async function txn() {
  const t = topic + '-t'
  await a.createTopics({ topics: [{ topic: t, numPartitions: 2, replicationFactor: factor }] })
  await until(async () => (await a.listTopics()).includes(t))
  const p = kafka.producer({ transactionalId: topic + '-x', idempotent: true, maxInFlightRequests: 1 })
  await p.connect()
  const tx = async (k, commit, withOffsets) => {
    const one = await p.transaction()
    await one.send({ topic: t, messages: Array.from({ length: 10 }, (_, i) => ({ key: String(i), value: k })) })
    const topics = [{ topic, partitions: [{ partition: 0, offset: '7' }] }]
    if (withOffsets) await one.sendOffsets({ consumerGroupId: topic + '-tg', topics })
    await (commit ? one.commit() : one.abort())
  }
  await tx('a', true)
  await tx('b', false)
  await tx('c', true, true)
  await p.disconnect()
  const rc = (await readAll(t, 20, false))
    .map((m) => String(m.value))
    .sort()
    .join('')
  check(rc === 'aaaaaaaaaacccccccccc', 'read_committed ' + rc)
  const ru = (await readAll(t, 30, true)).length
  check(ru === 30, 'read_uncommitted ' + ru)
  const [committed] = await a.fetchOffsets({ groupId: topic + '-tg', topics: [topic] })
  check(committed.partitions.find((x) => x.partition === 0).offset === '7', 'group offset')
}

await run({ admin, produce, group, timestamps, idempotent, txn })
