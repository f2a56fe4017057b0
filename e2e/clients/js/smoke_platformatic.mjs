// @platformatic/kafka, versions 1 and 2: PKG names the installed package.
import zlib from 'node:zlib'
import { boot, check, codecs, factor, inADay, N, run, Seen, sleep, sum, topic, until, value } from './common.mjs'

const { Admin, Producer, Consumer, stringSerializers, stringDeserializers } = await import(process.env.PKG)
const base = { clientId: 'mx', bootstrapBrokers: [boot] }
const producer = (options) => new Producer({ ...base, serializers: stringSerializers, ...options })
const consumer = (groupId) => new Consumer({ ...base, groupId, deserializers: stringDeserializers, autocommit: false })
const usable = codecs.filter((c) => c !== 'zstd' || zlib.zstdCompressSync) // zstd came with Node 22.15
const a = new Admin(base)
let mid = 0n

async function readAll(t, n, isolationLevel) {
  const out = []
  let last = Date.now()
  const c = consumer(`${t}-r-${isolationLevel}`)
  const s = await c.consume({ topics: [t], mode: 'earliest', isolationLevel, maxWaitTime: 300 })
  s.on('data', (m) => {
    out.push(m)
    last = Date.now()
  })
  for (const end = Date.now() + 30_000; Date.now() < end && (out.length < n || Date.now() - last < 1500); )
    await sleep(100)
  await s.close()
  await c.close(true)
  return out
}

async function createTopic(name, partitions) {
  await a.createTopics({ topics: [name], partitions, replicas: factor })
  await until(async () => (await a.listTopics()).includes(name))
}

async function admin() {
  await createTopic(topic, 3)
  await createTopic(topic + '-d', 1)
  const configs = [{ name: 'retention.ms', configOperation: 0, value: '3600000' }]
  await a.incrementalAlterConfigs({ resources: [{ resourceType: 2, resourceName: topic, configs }] })
  const resources = [{ resourceType: 2, resourceName: topic, configurationKeys: ['retention.ms'] }]
  await until(async () => (await a.describeConfigs({ resources }))[0].configs[0].value === '3600000')
  await a.createPartitions({ topics: [{ name: topic, count: 4 }] })
  await until(
    async () => (await a.metadata({ topics: [topic], forceUpdate: true })).topics.get(topic).partitions.length === 4,
  )
  await a.deleteTopics({ topics: [topic + '-d'] })
  await until(async () => !(await a.listTopics()).includes(topic + '-d'))
}

async function produce() {
  for (const [n, codec] of codecs.entries()) {
    if (n === 3) {
      await sleep(50)
      mid = BigInt(Date.now())
      await sleep(50)
    }
    const p = producer({ compression: usable.includes(codec) ? codec : 'none', acks: -1 })
    await p.send({
      messages: Array.from({ length: N }, (_, i) => ({
        topic,
        key: 'k' + i,
        value: value(codec, i),
        headers: { codec, i: String(i) },
      })),
    })
    await p.close()
  }
}

async function group() {
  const seen = new Seen()
  for (const goal of [2500, 5000]) {
    const c = consumer(topic + '-g')
    const s = await c.consume({ topics: [topic], mode: 'committed', fallbackMode: 'earliest', maxWaitTime: 500 })
    const late = setTimeout(() => s.destroy(new Error(`only ${seen.size} of ${goal}`)), 60_000)
    const read = new Map()
    for await (const m of s) {
      seen.record(m.headers.get('codec'), Number(m.headers.get('i')), m.key, m.value)
      read.set(m.partition, m.offset)
      if (seen.size >= goal) break
    }
    clearTimeout(late)
    // this client stores what it is given, so the offset to commit is the next one to read
    await c.commit({
      offsets: [...read].map(([partition, offset]) => ({ topic, partition, offset: offset + 1n, leaderEpoch: 0 })),
    })
    await c.close(true)
  }
  check(seen.size === 5000, seen.size)
}

async function timestamps() {
  const offsets = async (timestamp) => {
    const partitions = [0, 1, 2, 3].map((partitionIndex) => ({ partitionIndex, timestamp }))
    return (await a.listOffsets({ topics: [{ name: topic, partitions }] }))[0].partitions.map((p) => p.offset)
  }
  check(sum(await offsets(mid)) === 3000, 'mid ' + (await offsets(mid)))
  check(sum(await offsets(0n)) === 0, 'zero')
  check(sum(await offsets(-1n)) === 5000, 'end')
  check(
    (await offsets(BigInt(inADay()))).every((o) => o === -1n),
    'future',
  )
  const [g] = await a.listConsumerGroupOffsets({ groups: [topic + '-g'] })
  check(sum(g.topics[0].partitions.map((p) => p.committedOffset)) === 5000, 'committed')
}

async function idempotent() {
  const t = topic + '-i'
  await createTopic(t, 2)
  const p = producer({ idempotent: true, acks: -1 })
  await p.send({ messages: Array.from({ length: 100 }, (_, i) => ({ topic: t, key: String(i), value: 'v' })) })
  await p.close()
  const got = await readAll(t, 100, 0)
  check(got.length === 100 && new Set(got.map((m) => m.key)).size === 100, got.length)
}

async function txn() {
  const t = topic + '-t'
  await createTopic(t, 2)
  const p = producer({ idempotent: true, acks: -1, transactionalId: topic + '-x' })
  // offsets inside a transaction: a consumer of the idempotent topic reads one message and hands it over
  const c = consumer(topic + '-tg')
  const s = await c.consume({ topics: [topic + '-i'], mode: 'earliest', maxWaitTime: 300 })
  let first
  for await (const m of s) {
    first = m
    break
  }
  for (const [k, commit, withOffsets] of [
    ['a', true],
    ['b', false],
    ['c', true, true],
  ]) {
    const one = await p.beginTransaction()
    if (withOffsets) {
      await one.addConsumer(c)
      await one.addOffset(first)
    }
    await one.send({ messages: Array.from({ length: 10 }, (_, i) => ({ topic: t, key: String(i), value: k })) })
    await (commit ? one.commit() : one.abort())
  }
  await c.close(true)
  await p.close()
  const rc = (await readAll(t, 20, 1))
    .map((m) => m.value)
    .sort()
    .join('')
  check(rc === 'aaaaaaaaaacccccccccc', 'read_committed ' + rc)
  const ru = (await readAll(t, 30, 0)).length
  check(ru === 30, 'read_uncommitted ' + ru)
  const [g] = await a.listConsumerGroupOffsets({ groups: [topic + '-tg'] })
  const { committedOffset } = g.topics[0].partitions.find((x) => x.partitionIndex === first.partition)
  check(committedOffset === first.offset + 1n || committedOffset === first.offset, 'group offset ' + committedOffset)
}

await run({ admin, produce, group, timestamps, idempotent, txn })
