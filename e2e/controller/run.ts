/**
 * `npm run test:controller`: Weir's controller leads brokers that are Apache Kafka's. They register, get topics, elect, shrink and grow
 * what is in sync, and live on while the controller is killed, restarted, and replaced by Apache Kafka's own on the same folder.
 *
 *   --keep   leave the folders where they are
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Client, createClient, parseAddresses } from '../../server/client/client.ts'
import { nodeEnv } from '../../server/env/node.ts'
import { dump } from '../folders/dump.ts'
import { formatNode, kafkaClusterId, startNode } from '../lib/kafka.ts'
import { root } from '../lib/paths.ts'
import { freePort, isPortOpen, type Started, start, until } from '../lib/processes.ts'
import { report } from '../lib/report.ts'

const { values: options } = parseArgs({ options: { keep: { type: 'boolean' } } })
const folder = mkdtempSync(join(tmpdir(), 'weir-controller-'))
const controllerFolder = join(folder, 'controller')
const controllerPort = await freePort()
const counts = { passed: 0, failed: 0 }
const heap = ['-Xmx256m', '-Xms64m']
const begunMs = performance.now()

function check(ok: boolean, title: string, why = ''): void {
  counts[ok ? 'passed' : 'failed']++
  const seconds = ((performance.now() - begunMs) / 1000).toFixed(1)
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${title} (${seconds} s)${ok || !why ? '' : `: ${why}`}`)
}

/** Snapshots come soon and nothing is kept behind them, so that a new broker needs one. */
const CUT = ['metadata.log.max.record.bytes.between.snapshots=4000', 'metadata.max.retention.bytes=1']

async function ours(): Promise<Started> {
  const tsx = join(root, 'node_modules/tsx/dist/loader.mjs')
  const program = join(root, 'e2e/controller/process.ts')
  const controller = start('node', ['--import', tsx, program, controllerFolder, String(controllerPort), ...CUT])
  await until(() => controller.output().includes('ready'), { what: 'starting our controller', process: controller })
  return controller
}

/** Apache Kafka's on the folder that ours has left. */
async function theirs(): Promise<Started> {
  const dataDir = join(folder, 'kafka-controller')
  // Nothing is to be formatted: what it opens is there.
  mkdirSync(join(dataDir, 'data'), { recursive: true })
  copyFileSync(join(controllerFolder, 'meta.properties'), join(dataDir, 'data/meta.properties'))
  await formatNode({
    dataDir,
    settings: {
      'process.roles': 'controller',
      'node.id': '3000',
      'controller.quorum.voters': `3000@127.0.0.1:${controllerPort}`,
      listeners: `CONTROLLER://127.0.0.1:${controllerPort}`,
    },
  })
  const properties = join(dataDir, 'server.properties')
  writeFileSync(properties, `${readFileSync(properties, 'utf8')}log.dirs=${controllerFolder}\n`)
  const { process, ready } = startNode(dataDir, heap)
  await ready()
  return process
}

interface Broker {
  readonly id: number
  readonly port: number
  start(): Promise<Started>
}

async function broker(id: number): Promise<Broker> {
  const port = await freePort()
  const dataDir = join(folder, `broker-${id}`)
  await formatNode({
    dataDir,
    settings: {
      'process.roles': 'broker',
      'node.id': String(id),
      'controller.quorum.voters': `3000@127.0.0.1:${controllerPort}`,
      listeners: `PLAINTEXT://127.0.0.1:${port}`,
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
      'broker.heartbeat.interval.ms': '500',
    },
  })
  return {
    id,
    port,
    async start() {
      const { process, ready } = startNode(dataDir, heap)
      await ready()
      return process
    },
  }
}

const topicOf = async (client: Client, name: string) =>
  (await client.cluster.refresh([name])).find((t) => t.name === name)?.partitions ?? []

/** Every partition of it has a leader and so many in sync. */
const inSync = (client: Client, name: string, count: number) =>
  until(
    async () => {
      const partitions = await topicOf(client, name).catch(() => [])
      return partitions.length > 0 && partitions.every((p) => p.leader >= 0 && p.isr.length === count)
    },
    { what: `${name} in sync on ${count}`, limitMs: 30_000 },
  )

async function write(client: Client, topic: string, from: number, n: number): Promise<void> {
  const producer = client.producer({ acks: 'all' })
  const results = Array.from({ length: n }, (_, i) =>
    producer.send({ topic, key: Buffer.from(`${from + i}`), value: Buffer.from(`value ${from + i}`) }),
  )
  await Promise.all(results)
  await producer.close()
}

async function count(client: Client, topic: string): Promise<number> {
  let records = 0
  for (const { partition } of await topicOf(client, topic)) {
    for (let offset = 0, end = 1; offset < end; ) {
      const [found] = await client.fetcher.fetch([{ topic, partition, offset }])
      if (found!.error) throw found!.error
      records += found!.batches.reduce((sum, batch) => sum + batch.recordCount, 0)
      offset = found!.nextOffset
      end = found!.highWatermark
    }
  }
  return records
}

const running = new Set<Started>()
const run = async (one: Promise<Started>): Promise<Started> => {
  const started = await one
  running.add(started)
  return started
}

mkdirSync(controllerFolder)
writeFileSync(
  join(controllerFolder, 'meta.properties'),
  `version=1\ncluster.id=${kafkaClusterId}\nnode.id=3000\ndirectory.id=Zm9yIGEgY29udHJvbGxlcg\n`,
)
let client: Client | undefined
try {
  const [one, two, three] = await Promise.all([broker(1), broker(2), broker(3)])
  let controller = await run(ours())
  let [first, second] = await Promise.all([run(one.start()), run(two.start())])
  check(true, 'two Apache Kafka brokers register and are let in')
  const bootstrap = [one, two, three].map(({ port }) => `127.0.0.1:${port}`).join(',')
  client = createClient(nodeEnv(), { bootstrap: parseAddresses(bootstrap), callTimeoutMs: 20_000 })
  const { admin } = client

  const made = await admin.createTopics([{ name: 'orders', partitions: 6, replicationFactor: 2 }])
  check(
    made.every((t) => t.error === null),
    'a topic is made through a broker',
    JSON.stringify(made),
  )
  await inSync(client, 'orders', 2)
  await write(client, 'orders', 0, 300)
  check((await count(client, 'orders')) === 300, 'what is written with acks=all on two brokers is read')
  const quorum = await admin.describeQuorum()
  check(
    quorum.leaderId === 3000 &&
      quorum.observers
        .map((o) => o.id)
        .sort()
        .join() === '1,2',
    'the quorum tells of its observers',
    JSON.stringify(quorum),
  )

  const leads = async (id: number) => (await topicOf(client!, 'orders')).filter((p) => p.leader === id).length
  check((await leads(1)) > 0 && (await leads(2)) > 0, 'both lead')
  const killedMs = performance.now()
  await first.kill()
  await until(async () => (await leads(2).catch(() => 0)) === 6, { what: 'all led by broker 2', limitMs: 30_000 })
  const electedMs = performance.now() - killedMs
  check(
    electedMs < 2_000,
    `a broker that is killed is fenced at once: led by the other after ${electedMs.toFixed(0)} ms`,
  )
  await write(client, 'orders', 300, 100)
  check(true, 'its partitions take writes')

  await controller.kill()
  await write(client, 'orders', 400, 100)
  check(true, 'without a controller the brokers serve on')
  controller = await run(ours())
  first = await run(one.start())
  await inSync(client, 'orders', 2)
  check(true, 'after a kill of the controller a broker comes back and catches up')
  check((await count(client, 'orders')) === 500, 'nothing that was acknowledged is lost')

  for (let i = 0; i < 30; i++) {
    await admin.createTopics([{ name: `filler-${i}`, partitions: 2, replicationFactor: 1 }])
  }
  const log = join(controllerFolder, '__cluster_metadata-0')
  const snapshots = () => readdirSync(log).filter((name) => name.endsWith('.checkpoint')).length
  check(snapshots() > 0, 'the controller has kept a snapshot')
  const third = await run(three.start())
  const brokers = async () => (await admin.describeCluster()).brokers.length
  check(
    (await until(async () => (await brokers()) === 3, { what: 'three brokers' })) === true,
    'a new broker joins from a snapshot',
  )
  check(existsSync(join(folder, 'broker-3/data/__cluster_metadata-0')), 'and has its replica of the log')

  const stoppedMs = performance.now()
  await second.stop(40_000)
  check(
    (await leads(1)) === 6,
    `a clean stop hands over what it led (${(performance.now() - stoppedMs).toFixed(0)} ms)`,
  )
  await write(client, 'orders', 500, 100)

  await controller.stop()
  const { files, problems } = await dump([controllerFolder], { decode: true })
  check(
    problems.length === 0 && files > 0,
    'kafka-dump-log reads the controller’s folder',
    problems.slice(0, 5).join('\n'),
  )
  controller = await run(theirs())
  check(await isPortOpen(controllerPort), 'Apache Kafka’s controller goes on with the folder')
  second = await run(two.start())
  await inSync(client, 'orders', 2)
  const more = await admin.createTopics([{ name: 'payments', partitions: 3, replicationFactor: 3 }])
  check(
    more.every((t) => t.error === null),
    'and makes a topic',
    JSON.stringify(more),
  )
  await inSync(client, 'payments', 3)
  await write(client, 'payments', 0, 50)
  await controller.stop(40_000)
  controller = await run(ours())
  const again = await admin.createTopics([{ name: 'refunds', partitions: 3, replicationFactor: 3 }])
  check(
    again.every((t) => t.error === null),
    'ours takes it back and goes on',
    JSON.stringify(again),
  )
  await inSync(client, 'refunds', 3)
  await write(client, 'refunds', 0, 50)
  const counted = await Promise.all(['orders', 'payments', 'refunds'].map((name) => count(client!, name)))
  check(counted.join() === '600,50,50', 'all is there in the end', counted.join())
  await Promise.all([first, second, third].map((one) => one.stop(40_000)))
  await controller.stop()
} catch (error) {
  check(false, 'to the end', (error as Error).stack)
} finally {
  await client?.close()
  await Promise.all([...running].map((one) => one.kill()))
}
if (counts.failed === 0 && !options.keep) rmSync(folder, { recursive: true })
else console.log(`The folders are in ${folder}`)
report('controller', counts)
process.exit()
