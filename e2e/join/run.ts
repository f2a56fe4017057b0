/**
 * `npm run test:join`: Weir as a broker beside Apache Kafka's, under Apache Kafka's controller. While producers write and groups
 * commit, leaders and coordinators go from one kind to the other and back, each kind is killed, and partitions are given wholly to
 * one and then to the other, as Kafka's own tools do it. Then the judge of `faults/` reads what the clients were told, and the
 * replicas are compared.
 *
 *   --self        broker 2 is Apache Kafka's, too: to see that the steps are right
 *   --only WORD   one of `voters` (controller.quorum.voters), `dynamic` (controller.quorum.bootstrap.servers, KIP-853)
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs, promisify } from 'node:util'
import { createClient, parseAddresses } from '../../server/client/client.ts'
import { nodeEnv } from '../../server/env/node.ts'
import { endAndJudge } from '../faults/ending.ts'
import { buildLoad, serving, startLoad } from '../faults/loaded.ts'
import type { Cluster } from '../lib/cluster.ts'
import { inSync } from '../lib/in_sync.ts'
import { root } from '../lib/paths.ts'
import { type Started, until } from '../lib/processes.ts'
import { report } from '../lib/report.ts'
import { OURS, startMixed, THEIRS } from './mixed.ts'

const topic = 'faults'
const partitions = 4
const factor = 2
const between = { records: 200, commits: 2 }
const { values: options } = parseArgs({
  options: { only: { type: 'string' }, self: { type: 'boolean', default: false } },
})
const folder = mkdtempSync(join(tmpdir(), 'weir-join-'))
const counts = { passed: 0, failed: 0 }

function check(ok: boolean, title: string, why = ''): void {
  counts[ok ? 'passed' : 'failed']++
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${title}${ok || !why ? '' : `: ${why}`}`)
}

/** One of Kafka's tools, at a broker of either kind. */
async function tool(cluster: Cluster, at: number, name: string, ...args: string[]): Promise<string> {
  const program = join(root, 'e2e/peers/kafka/kt')
  const { stdout } = await promisify(execFile)(program, [name, '--bootstrap-server', cluster.address(at), ...args], {
    timeout: 120_000,
  })
  return stdout
}

interface At {
  topic: string
  partition: number
  leader: number
  replicas: number[]
}

async function look(cluster: Cluster): Promise<At[]> {
  const client = createClient(nodeEnv(), { bootstrap: parseAddresses(cluster.bootstrap) })
  try {
    const topics = await client.cluster.refresh(null)
    return topics.flatMap(({ name, partitions }) => partitions.map((one) => ({ ...one, topic: name })))
  } finally {
    await client.close()
  }
}

/** Gives every partition these replicas, the first of which is to lead, with kafka-reassign-partitions, and waits until they have them. */
async function reassign(cluster: Cluster, at: number, replicas: number[]): Promise<void> {
  const plan = join(folder, 'plan.json')
  const partitions = (await look(cluster)).map(({ topic, partition }) => ({ topic, partition, replicas }))
  writeFileSync(plan, JSON.stringify({ version: 1, partitions }))
  await tool(cluster, at, 'reassign-partitions', '--reassignment-json-file', plan, '--execute')
  const verified = async () => {
    const said = await tool(cluster, at, 'reassign-partitions', '--reassignment-json-file', plan, '--verify')
    return !/still in progress|is not in/.test(said) && said.includes('is completed')
  }
  await until(verified, { what: `all partitions on ${replicas}`, limitMs: 60_000 })
}

/** Has each partition led by the first of its replicas. */
const electPreferred = (cluster: Cluster, at: number) =>
  tool(cluster, at, 'leader-election', '--election-type', 'preferred', '--all-topic-partitions')

interface World {
  cluster: Cluster
  load: Started
}

const steps: Record<string, (world: World) => Promise<void>> = {
  async 'both kinds lead and follow'({ cluster }) {
    const leaders = new Set((await look(cluster)).map(({ leader }) => leader))
    if (leaders.size !== 2) throw new Error(`leaders are ${[...leaders]}`)
  },
  async 'ours is killed, theirs leads alone, and ours is in sync again'({ cluster, load }) {
    await cluster.killNode(OURS)
    await serving(load, between)
    await cluster.back(OURS)
  },
  async 'theirs is killed, ours leads alone, and theirs is in sync again'({ cluster, load }) {
    await cluster.killNode(THEIRS)
    await serving(load, between)
    await cluster.back(THEIRS, { ready: true })
  },
  async 'ours is killed in the middle of what it leads'({ cluster }) {
    await electPreferred(cluster, OURS)
    await cluster.killNode(OURS)
    await cluster.back(OURS)
  },
  async 'ours stops in order'({ cluster, load }) {
    await cluster.stopNode(OURS)
    await serving(load, between)
    await cluster.back(OURS)
  },
  async 'theirs stops in order'({ cluster, load }) {
    await cluster.stopNode(THEIRS)
    await serving(load, between)
    await cluster.back(THEIRS, { ready: true })
  },
  async 'ours is paused for longer than its session'({ cluster, load }) {
    load.child.stdin!.write(`silent ${OURS}\n`)
    cluster.pause(OURS)
    await sleep(4_000)
    await serving(load, between)
    cluster.resume(OURS)
    load.child.stdin!.write(`back ${OURS}\n`)
  },
  async 'every partition is given to theirs alone, groups and all'({ cluster }) {
    await reassign(cluster, OURS, [THEIRS])
    const elsewhere = (await look(cluster)).filter(({ leader }) => leader !== THEIRS)
    if (elsewhere.length > 0) throw new Error(`${elsewhere.length} partitions are led by another`)
  },
  async 'and to ours alone'({ cluster }) {
    await reassign(cluster, THEIRS, [OURS])
    const elsewhere = (await look(cluster)).filter(({ leader }) => leader !== OURS)
    if (elsewhere.length > 0) throw new Error(`${elsewhere.length} partitions are led by another`)
  },
  async 'ours is killed while it has everything'({ cluster }) {
    await cluster.killNode(OURS)
    await cluster.back(OURS)
  },
  async 'and to both again, theirs first'({ cluster }) {
    await reassign(cluster, OURS, [THEIRS, OURS])
    await electPreferred(cluster, THEIRS)
  },
  async 'and ours first'({ cluster }) {
    await reassign(cluster, THEIRS, [OURS, THEIRS])
    await electPreferred(cluster, OURS)
  },
}

async function joined(name: string, dynamic: boolean): Promise<void> {
  console.log(`A controller and a broker of Apache Kafka, a broker of Weir (${name}):`)
  const program = buildLoad()
  const dataDir = join(folder, name)
  const historyFile = join(folder, `${name}-history`)
  const cluster = await startMixed(dataDir, { dynamic, self: options.self })
  const tried = async (title: string, work: () => Promise<unknown>) => {
    const startedAt = Date.now()
    try {
      await work()
      check(true, `${title} (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`)
    } catch (error) {
      check(false, title, (error as Error).message.slice(0, 500))
    }
  }
  try {
    for (const at of [THEIRS, OURS])
      await tried(`both are members, as ${at === OURS ? 'ours' : 'theirs'} tells it`, async () => {
        const said = await tool(cluster, at, 'broker-api-versions')
        for (const one of cluster.brokers)
          if (!said.includes(`(id: ${one} `)) throw new Error(`node ${one} is missing: ${said.slice(0, 300)}`)
      })
    const load = startLoad(program, cluster.bootstrap, topic, partitions, historyFile, factor, 1)
    await serving(load, between)
    await inSync(cluster)
    for (const [title, step] of Object.entries(steps))
      await tried(title, async () => {
        await step({ cluster, load })
        await serving(load, between)
        await inSync(cluster)
      })
    const { records, commits } = await endAndJudge({ cluster, load, topic, factor, historyFile, theirs: true, check })
    console.log(`     ${records} records acknowledged, ${commits} commits of each group`)
  } finally {
    cluster.resume(OURS)
    writeFileSync(join(folder, `${name}-weir.log`), cluster.said())
    await cluster.kill()
  }
}

try {
  for (const [name, dynamic] of [
    ['voters', false],
    ['dynamic', true],
  ] as const) {
    if (!options.only || options.only === name) await joined(name, dynamic)
  }
} catch (error) {
  check(false, 'the run', (error as Error).message)
}
if (counts.failed === 0) rmSync(folder, { recursive: true })
else console.log(`Data, history and logs in ${folder}`)
report('join', counts)
process.exit()
