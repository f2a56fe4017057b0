/**
 * One data folder from one broker to several and back, each time by a restart with another BROKERS, killed on the way at random moments,
 * while a producer writes with acks=all and a group commits. Judged at the end: every acknowledged record is there, once and in
 * order, no committed offset has gone back, every replica is where it should be, and one broker's folder is one broker's again.
 *
 *   npm run test:resize -- [--seed N] [--kills N] [--sizes 3,1,2,3,1] [--keep]
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type Client, createClient, parseAddresses } from '../../server/client/client.ts'
import type { Producer } from '../../server/client/producer.ts'
import { nodeEnv } from '../../server/env/node.ts'
import { chance } from '../lib/chance.ts'
import { freePorts, until } from '../lib/processes.ts'
import { report } from '../lib/report.ts'
import { startWeir, type Weir } from '../lib/weir.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    kills: { type: 'string', default: '2' },
    sizes: { type: 'string', default: '3,1,2,3,1' },
    keep: { type: 'boolean', default: false },
  },
})
const seed = Number(values.seed)
const random = chance(seed)
const sizes = values.sizes.split(',').map(Number)
const kills = Number(values.kills)
const MOST = Math.max(...sizes)
const TOPICS = { a: 4, b: 2 } as const
const GROUP = 'g'
const SETTLED_MS = 90_000
/** A kill comes within so many ms of a start. */
const KILL_WITHIN_MS = 6_000

console.log(`seed ${seed}: 1 → ${sizes.join(' → ')}, ${kills} kills at each step`)
const folder = mkdtempSync(join(tmpdir(), 'weir-resize-'))
const dataDir = join(folder, 'data')
const port = await freePorts(MOST)
const bootstrap = parseAddresses(Array.from({ length: MOST }, (_, i) => `127.0.0.1:${port + i}`).join())

/** What was acknowledged, by topic and partition: numbers and offsets. */
const acknowledged = new Map<string, { number: number; offset: number }[]>()
let committed = -1
let problems = 0
const check = (holds: boolean, otherwise: string) => {
  if (holds) return
  problems++
  console.error(`WRONG: ${otherwise}`)
}

let weir = await startWeir({ dataDir, port, brokers: 1 })
const client = createClient(nodeEnv(), { bootstrap, clientId: 'resize-test' })
for (const [name, partitions] of Object.entries(TOPICS)) await made(client, name, partitions)
let writing = true
const load = [...Object.entries(TOPICS).map(([topic, partitions]) => write(topic, partitions)), commit()]

let steps = 0
for (const brokers of sizes) {
  await sleep(500)
  await weir.stop()
  for (let i = 0; i < kills; i++) {
    weir = await startWeir({ dataDir, port, brokers, wait: false })
    await sleep(random.below(KILL_WITHIN_MS))
    await weir.kill()
  }
  const beganMs = Date.now()
  weir = await startWeir({ dataDir, port, brokers, wait: false })
  await settled(weir, brokers)
  steps++
  console.log(
    `${brokers}: settled after ${((Date.now() - beganMs) / 1000).toFixed(1)} s, ${count()} records acknowledged`,
  )
}
await sleep(1_000)
writing = false
await Promise.all(load)
await judge()
await client.close()
await weir.stop()
if (sizes.at(-1) === 1) {
  for (const name of ['brokers', 'controller']) check(!existsSync(join(dataDir, name)), `${name} is left in the folder`)
}
if (values.keep) console.log(`kept: ${folder} with ${readdirSync(dataDir).length} entries`)
else rmSync(folder, { recursive: true, force: true })
report('resize', { passed: steps - Math.min(steps, problems), failed: problems })

async function made(client: Client, name: string, partitions: number): Promise<void> {
  const [result] = await client.admin.createTopics([{ name, partitions, replicationFactor: 1 }])
  if (result!.error) throw result!.error
}

/** One record after the other to each partition, numbered; what is not acknowledged may be there or not. */
async function write(topic: string, partitions: number): Promise<void> {
  let producer: Producer = client.producer({ deliveryTimeoutMs: 60_000 })
  const one = async (partition: number) => {
    const key = `${topic}-${partition}`
    const done: { number: number; offset: number }[] = []
    acknowledged.set(key, done)
    for (let number = 0; writing; number++) {
      const mine = producer
      try {
        const { offset } = await mine.send({ topic, partition, key: null, value: Buffer.from(String(number)) })
        done.push({ number, offset: Number(offset) })
      } catch {
        // A producer that has lost its place begins again as another.
        if (producer === mine) producer = client.producer({ deliveryTimeoutMs: 60_000 })
        await sleep(100)
      }
      await sleep(2)
    }
  }
  await Promise.all(Array.from({ length: partitions }, (_, partition) => one(partition)))
}

async function commit(): Promise<void> {
  for (let offset = 0; writing; offset++) {
    try {
      const [result] = await client.admin.offsetCommit(GROUP, [{ topic: 'a', partition: 0, offset }])
      if (result && !result.error) committed = offset
    } catch {
      // Asked again with the next.
    }
    await sleep(20)
  }
}

function count(): number {
  return [...acknowledged.values()].reduce((sum, done) => sum + done.length, 0)
}

/** All brokers that were asked for and no other; every partition on them, whole, led, and nothing on the move. */
async function settled(weir: Weir, brokers: number): Promise<void> {
  let missing = ''
  const isSettled = async () => {
    try {
      const cluster = await client.admin.describeCluster()
      const ids = cluster.brokers.map((b) => `${b.id}${b.isFenced ? ' (fenced)' : ''}`).join()
      const wanted = Array.from({ length: brokers }, (_, i) => i + 1).join()
      if (ids !== wanted) missing = `brokers ${ids}`
      else {
        const moving = await client.admin.listPartitionReassignments()
        const partitions = (await client.admin.listTopics()).flatMap((t) =>
          t.partitions.map((p) => ({ topic: t.name, ...p })),
        )
        const wrong = partitions.find(
          (p) => p.leader < 0 || p.isr.length < p.replicas.length || p.replicas.some((id) => id > brokers),
        )
        const small = partitions.find((p) => p.replicas.length < Math.min(3, brokers))
        const quorum = await client.admin.describeQuorum()
        if (moving.length > 0) missing = `${moving.length} reassignments`
        else if (wrong ?? small) missing = JSON.stringify(wrong ?? small)
        else if (quorum.leaderId !== (brokers === 1 ? 1 : 3000)) missing = `controller ${quorum.leaderId}`
        else return true
      }
    } catch (error) {
      missing = (error as Error).message
    }
    await sleep(200)
    return false
  }
  try {
    await until(isSettled, { what: 'going to the new size', limitMs: SETTLED_MS })
  } catch (error) {
    console.error(weir.output())
    throw new Error(`${(error as Error).message}; last seen: ${missing}`)
  }
}

/** Offsets by number, as they are in the topic. */
type Found = ReadonlyMap<number, readonly number[]>
type Done = readonly { readonly number: number; readonly offset: number }[]

async function judge(): Promise<void> {
  let convicted = 0
  for (const [topic, partitions] of Object.entries(TOPICS)) {
    for (let partition = 0; partition < partitions; partition++) {
      const done = acknowledged.get(`${topic}-${partition}`)!
      const found = await read(topic, partition)
      for (const problem of problemsOf(found, done)) check(false, `${topic}-${partition}: ${problem}`)
      // The same must be found wanting when it is made worse.
      const [number, offsets] = [...found][0] ?? [0, [0]]
      for (const worse of [
        problemsOf(new Map([...found].filter(([n]) => n !== number)), [{ number, offset: offsets[0]! }]),
        problemsOf(new Map([...found, [number, [...offsets, 1e9]]]), done),
        problemsOf(found, [{ number, offset: offsets[0]! + 1 }]),
      ]) {
        if (worse.length > 0) convicted++
        else check(false, 'a falsified history was found to be right')
      }
    }
  }
  const [group] = await client.admin.offsetFetch([{ groupId: GROUP }])
  const now = group!.offsets.find((o) => o.topic === 'a' && o.partition === 0)?.offset ?? -1
  check(now >= committed, `the committed offset was ${committed} and is ${now}`)
  check(committed > 0 && count() > 0, 'nothing was written')
  console.log(
    `${count()} records and ${committed} commits acknowledged, ${problems} problems; ${convicted} falsified histories convicted`,
  )
}

async function read(topic: string, partition: number): Promise<Found> {
  const found = new Map<number, number[]>()
  const [end] = await client.admin.listOffsets([{ topic, partition, at: 'latest' }])
  const positions = [{ topic, partition, offset: 0, until: end!.offset ?? 0 }]
  for await (const answer of client.fetcher.stream(positions, { maxWaitMs: 200 })) {
    if (answer.error) throw answer.error
    for (const { offset, value } of answer.batches.flatMap((batch) => batch.records())) {
      found.set(Number(value), [...(found.get(Number(value)) ?? []), offset])
    }
  }
  return found
}

function problemsOf(found: Found, done: Done): string[] {
  const lost = done.filter(({ number }) => !found.has(number))
  const elsewhere = done.filter(({ number, offset }) => found.has(number) && !found.get(number)!.includes(offset))
  const doubled = [...found].filter(([, offsets]) => offsets.length > 1)
  return [
    ...(lost.length > 0
      ? [`${lost.length} of ${done.length} acknowledged records are lost, first ${lost[0]!.number}`]
      : []),
    ...(elsewhere.length > 0 ? [`${elsewhere.length} records are not where they were acknowledged`] : []),
    ...(doubled.length > 0 ? [`${doubled.length} records are there twice, first ${doubled[0]!.join(' at ')}`] : []),
  ]
}
