/**
 * A controller and three brokers under load, of which one after the other is killed, paused, stopped, cut off; then what came of it is
 * judged (`ending.ts`), and the judges are. Sessions are short, so that a pause may outlast them. Each node that something is done to counts as a fault.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { batches } from '../../server/records/batch.ts'
import { type Chance, chance } from '../lib/chance.ts'
import { type Cluster, CONTROLLER, startCluster } from '../lib/cluster.ts'
import { inSync } from '../lib/in_sync.ts'
import type { Started } from '../lib/processes.ts'
import { endAndJudge } from './ending.ts'
import { judge, outdated, tampering } from './judge.ts'
import { buildLoad, serving, startLoad } from './loaded.ts'

const topic = 'faults'
const partitions = 3
const factor = 3
const sessionMs = 2_000
const settings = {
  'broker.session.timeout.ms': String(sessionMs),
  'broker.heartbeat.interval.ms': '300',
  'replica.lag.time.max.ms': '3000',
  'min.insync.replicas': '2',
  'group.initial.rebalance.delay.ms': '0',
  'log.cleaner.backoff.ms': '500',
}
/** Small, so that four of them fit beside the load. */
const heap = ['-Xmx320m', '-Xms128m']
/** What must be acknowledged between two faults. */
const between = { records: 100, commits: 2 }

/** A byte of a batch's checksum. */
const CRC_AT = 17

interface World {
  cluster: Cluster
  load: Started
  chance: Chance
}

interface Way {
  /** How often it is taken, beside the others. */
  weight: number
  /** Resolves with what it was done to, once all of that runs again. */
  do(world: World): Promise<number[]>
}

/** What can befall a cluster. */
const ways: Record<string, Way> = {
  'a broker killed': {
    weight: 5,
    do: (world) => kill(world, [aBroker(world)]),
  },
  'the controller killed': {
    weight: 2,
    do: (world) => kill(world, [CONTROLLER]),
  },
  'two brokers killed at once': {
    weight: 3,
    do: (world) => kill(world, twoBrokers(world)),
  },
  'a broker and the controller killed at once': {
    weight: 3,
    do: (world) => kill(world, [aBroker(world), CONTROLLER]),
  },
  'every node killed at once': {
    weight: 2,
    do: (world) => kill(world, [...world.cluster.nodes]),
  },
  'a broker stopped in order': {
    weight: 2,
    async do({ cluster, chance }) {
      const broker = chance.pick(cluster.brokers)
      await cluster.stopNode(broker)
      await cluster.back(broker)
      return [broker]
    },
  },
  'a broker paused for longer than its session': {
    weight: 3,
    async do(world) {
      const broker = aBroker(world)
      await paused(world, broker, longer(world))
      return [broker]
    },
  },
  'a broker paused for less than its session': {
    weight: 1,
    async do(world) {
      const broker = aBroker(world)
      await paused(world, broker, world.chance.next() * sessionMs * 0.7)
      return [broker]
    },
  },
  'the controller paused': {
    weight: 1,
    async do(world) {
      await paused(world, CONTROLLER, world.chance.next() * sessionMs * 1.5)
      return [CONTROLLER]
    },
  },
  'a broker paused for longer than its session, another killed meanwhile': {
    weight: 2,
    async do(world) {
      const [one, other] = twoBrokers(world) as [number, number]
      const pause = paused(world, one, longer(world))
      await sleep(world.chance.next() * sessionMs * 1.2)
      await kill(world, [other])
      await pause
      return [one, other]
    },
  },
  'a broker and the controller paused for longer than a session': {
    weight: 1,
    async do(world) {
      const broker = aBroker(world)
      const controller = paused(world, CONTROLLER, longer(world))
      await Promise.all([paused(world, broker, longer(world)), controller])
      return [broker, CONTROLLER]
    },
  },
}

/** Where the cluster can do that. */
const cuts: Record<string, Way> = {
  'a broker cut off for longer than its session': {
    weight: 3,
    async do(world) {
      const broker = aBroker(world)
      await cutOff(world, broker, longer(world))
      return [broker]
    },
  },
  'a broker cut off for a moment': {
    weight: 1,
    async do(world) {
      const broker = aBroker(world)
      await cutOff(world, broker, world.chance.next() * sessionMs * 0.7)
      return [broker]
    },
  },
  'the controller cut off': {
    weight: 1,
    async do(world) {
      await cutOff(world, CONTROLLER, world.chance.next() * sessionMs * 1.5)
      return [CONTROLLER]
    },
  },
  'a broker cut off, another killed meanwhile': {
    weight: 2,
    async do(world) {
      const [one, other] = twoBrokers(world) as [number, number]
      const cut = cutOff(world, one, longer(world))
      await sleep(world.chance.next() * sessionMs * 1.2)
      await kill(world, [other])
      await cut
      return [one, other]
    },
  },
}

const aBroker = ({ cluster, chance }: World) => chance.pick(cluster.brokers)
const longer = ({ chance }: World) => sessionMs * 1.1 + chance.next() * 1_000

function twoBrokers({ cluster, chance }: World): number[] {
  const first = chance.pick(cluster.brokers)
  return [first, chance.pick(cluster.brokers.filter((one) => one !== first))]
}

async function kill({ cluster, chance }: World, nodes: number[]): Promise<number[]> {
  await Promise.all(nodes.map((node) => cluster.killNode(node)))
  await sleep(chance.next() * 300)
  await Promise.all(nodes.map((node) => cluster.back(node)))
  return nodes
}

/** The history says so, for what a broker says that has slept. */
async function paused({ cluster, load }: World, node: number, ms: number): Promise<void> {
  load.child.stdin!.write(`silent ${node}\n`)
  cluster.pause(node)
  await sleep(ms)
  cluster.resume(node)
  load.child.stdin!.write(`back ${node}\n`)
}

/** Clients reach the node all the same, and it cannot know that the others go on without it. */
async function cutOff({ cluster, load, chance }: World, node: number, ms: number): Promise<void> {
  load.child.stdin!.write(`silent ${node}\n`)
  await cluster.cut!(node, chance.pick(['silent', 'reset']))
  await sleep(ms)
  await cluster.cut!(node, 'no')
  load.child.stdin!.write(`back ${node}\n`)
}

function pickWay({ chance, cluster }: World): [name: string, way: Way] {
  const all = Object.entries(cluster.cut ? { ...ways, ...cuts } : ways)
  return chance.pick(all.flatMap((one) => Array<typeof one>(one[1].weight).fill(one)))
}

export interface ClusterRun {
  kind: 'weir' | 'kafka'
  /** At least so many. */
  faults: number
  seed: number
  folder: string
  check(ok: boolean, title: string, why?: string): void
}

export async function clusterFaults({ kind, faults, seed, folder, check }: ClusterRun): Promise<void> {
  const program = buildLoad()
  console.log(`${faults} faults in a cluster of ${kind}, seed ${seed}`)
  const startedAt = Date.now()
  const historyFile = join(folder, 'cluster-history')
  const cluster = await startCluster(kind, { dataDir: join(folder, 'cluster'), settings, heap })
  try {
    const load = startLoad(program, cluster.bootstrap, topic, partitions, historyFile, factor)
    const world: World = { cluster, load, chance: chance(seed) }
    const done = await breakThings(world, faults)
    await serving(load, between)
    for (const node of cluster.nodes) await cluster.back(node, { ready: true })
    const count = await inSync(cluster, 120_000)
    const theirs = kind === 'kafka'
    const { history, records, excused, compare } = await endAndJudge({
      ...world,
      topic,
      factor,
      historyFile,
      theirs,
      check,
    })
    console.log(
      `     in ${Math.round((Date.now() - startedAt) / 1000)} s: ${[...done].map(([name, n]) => `${n} × ${name}`).join('; ')}`,
    )
    console.log(
      `     ${records} records acknowledged, ${history.final.length} kept, ${history.commits.length} commits, ${history.observations.length} looks at them (${outdated(history).length} answered with what a broker that had just been away remembered); ${history.kept.length} of ${history.puts.length} values kept; ${count} partitions`,
    )
    if (excused > 0) console.log(`     ${excused} times a new coordinator of Apache Kafka answered an older offset`)
    damage(join(cluster.logDir(2), `${topic}-0`))
    check(compare().findings.length === 1, 'one byte that one replica alone has otherwise is found')
    for (const [crime, tamper] of Object.entries(tampering)) {
      check(
        judge(tamper(history)).some((finding) => finding.includes(crime)),
        `the judge convicts on this history made worse: ${crime}`,
      )
    }
  } finally {
    for (const node of cluster.nodes) cluster.resume(node)
    await cluster.kill()
    writeFileSync(join(folder, 'cluster.log'), cluster.said())
  }
}

/** Another byte in a batch of the partition's first segment. */
function damage(partition: string): void {
  const segment = readdirSync(partition).find((name) => name.endsWith('.log'))!
  const path = join(partition, segment)
  const bytes = readFileSync(path)
  const [, batch] = batches(bytes)
  bytes[batch!.at + CRC_AT]! ^= 1
  writeFileSync(path, bytes)
}

/** Resolves with how often each way was gone. */
async function breakThings(world: World, faults: number): Promise<Map<string, number>> {
  const done = new Map<string, number>()
  for (let count = 0; count < faults; ) {
    await serving(world.load, between)
    if (world.chance.oneIn(4)) await inSync(world.cluster)
    const [name, way] = pickWay(world)
    const told = process.env.FAULTS_TRACE ? Date.now() : 0
    const hit = await way.do(world)
    if (told) console.log(`     ${count}: ${name}: ${hit} in ${Date.now() - told} ms`)
    count += hit.length
    done.set(name, (done.get(name) ?? 0) + 1)
  }
  return done
}
