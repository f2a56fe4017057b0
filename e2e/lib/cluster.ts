/**
 * A cluster of either kind on this machine: one controller (node 3000) and brokers 1 to n, each a process that can be killed,
 * paused, stopped and had back alone. Weir's processes are started, and started again, by its supervisor; Apache Kafka's by this.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatNode, type NodeOptions, startNode } from './kafka.ts'
import { freePort, freePorts, isAlive, listenerOn, processTree, type Started, until } from './processes.ts'
import type { System } from './system.ts'
import { startWeir, type Weir } from './weir.ts'

export const CONTROLLER = 3000

export interface Cluster extends Omit<System, 'broker'> {
  /** Node ids: of the brokers, and with the controller. */
  readonly brokers: readonly number[]
  readonly nodes: readonly number[]
  /** HOST:PORT of a node; `bootstrap` names all brokers. */
  address(node: number): string
  /** Where a broker keeps its partitions. */
  logDir(broker: number): string
  /** The node's process, or undefined while there is none. */
  pid(node: number): number | undefined
  /** SIGKILL, and until the process is gone. */
  killNode(node: number): Promise<void>
  /** SIGTERM, and until the process is gone: a controlled shutdown. */
  stopNode(node: number): Promise<void>
  pause(node: number): void
  resume(node: number): void
  /** Has a node that is gone started again, where nobody else does. Resolves when its process runs, or serves if `ready`. */
  back(node: number, options?: { ready?: boolean }): Promise<void>
  /**
   * Whether the node and the others reach each other, while clients reach all: `silent` as with a pulled cable, `reset` with open
   * connections broken at once. Absent where it cannot be done: Weir's supervisor can.
   */
  cut?(node: number, how: 'no' | 'silent' | 'reset'): Promise<void>
  /** What Weir's processes have printed so far; Apache Kafka's logs are in their folders. */
  said(): string
}

export interface ClusterOptions {
  /** Nothing else is in it. */
  dataDir: string
  brokers?: number
  /** For every node, by Kafka's names. */
  settings?: Record<string, string>
  /** Of each of Apache Kafka's processes; default as its own scripts have it. */
  heap?: string[]
  /** False: as soon as the processes run. */
  wait?: boolean
  /** Of Apache Kafka: the voters stand in the log (KIP-853), and nodes know but an address to begin with. */
  dynamic?: boolean
}

/** Both kinds with what three brokers want of each: internal topics on up to three. */
export const startCluster = (kind: 'weir' | 'kafka', options: ClusterOptions): Promise<Cluster> =>
  kind === 'weir' ? startWeirCluster(options) : startKafkaCluster(options)

/** Formats the folders of Apache Kafka's nodes, which are ready for a start then; Weir's need nothing. Resolves with the ports. */
export async function formatKafkaCluster({
  dataDir,
  brokers = 3,
  settings = {},
  dynamic = false,
}: ClusterOptions): Promise<{ ports: Map<number, number> }> {
  const ports = new Map([[CONTROLLER, await freePort()]])
  for (let id = 1; id <= brokers; id++) ports.set(id, await freePort())
  await Promise.all([...ports].map(([id, port]) => formatNode(kafkaNode(id, port))))
  return { ports }

  function kafkaNode(id: number, port: number): NodeOptions {
    const quorum = quorumAt(`127.0.0.1:${ports.get(CONTROLLER)}`, dynamic)
    const own: Record<string, string> =
      id === CONTROLLER
        ? { 'process.roles': 'controller', listeners: `CONTROLLER://127.0.0.1:${port}` }
        : {
            'process.roles': 'broker',
            listeners: `PLAINTEXT://127.0.0.1:${port}`,
            'inter.broker.listener.name': 'PLAINTEXT',
          }
    return {
      dataDir: folderOf(dataDir, id),
      settings: {
        'node.id': String(id),
        ...quorum,
        ...own,
        ...internal(brokers),
        ...settings,
      },
      ...(dynamic && id === CONTROLLER && { format: ['--standalone'] }),
    }
  }
}

/** How a node is told where the controllers are. */
export const quorumAt = (controller: string, dynamic: boolean): Record<string, string> =>
  dynamic
    ? { 'controller.quorum.bootstrap.servers': controller }
    : { 'controller.quorum.voters': `${CONTROLLER}@${controller}` }

const folderOf = (dataDir: string, node: number) => join(dataDir, `node-${node}`)

/** As both have them by default where there are three brokers, and what fewer can carry. */
const internal = (brokers: number): Record<string, string> => {
  const factor = String(Math.min(3, brokers))
  const least = brokers > 1 ? '2' : '1'
  return {
    'offsets.topic.replication.factor': factor,
    'transaction.state.log.replication.factor': factor,
    'transaction.state.log.min.isr': least,
    'share.coordinator.state.topic.replication.factor': factor,
    'share.coordinator.state.topic.min.isr': least,
  }
}

/** On folders that were formatted for it, or else on new ones. */
export async function startKafkaCluster(
  options: ClusterOptions,
  formatted?: { ports: Map<number, number> },
): Promise<Cluster> {
  const { dataDir, heap, wait = true } = options
  const { ports } = formatted ?? (await formatKafkaCluster(options))
  const nodes = new Map<number, { process: Started; ready: () => Promise<void> }>()
  for (const id of ports.keys()) nodes.set(id, startNode(folderOf(dataDir, id), heap))
  const pid = (node: number) => {
    const { process } = nodes.get(node)!
    return isAlive(process.pid) ? process.pid : undefined
  }
  const pids = () => [...nodes.keys()].map(pid).filter((one) => one !== undefined)
  const brokers = [...ports.keys()].filter((id) => id !== CONTROLLER)
  const address = (broker: number) => `127.0.0.1:${ports.get(broker)}`
  const cluster: Cluster = {
    name: 'Apache Kafka',
    startedAtMs: nodes.get(CONTROLLER)!.process.startedAtMs,
    bootstrap: brokers.map(address).join(','),
    brokers,
    nodes: [...ports.keys()],
    address,
    logDir: (broker) => join(folderOf(dataDir, broker), 'data'),
    pid,
    engine: pids,
    all: pids,
    said: () => '',
    ...signals(pid),
    async back(node, { ready = false } = {}) {
      if (pid(node) === undefined) nodes.set(node, startNode(folderOf(dataDir, node), heap))
      if (ready) await nodes.get(node)!.ready()
    },
    async stop() {
      for (const one of nodes.keys()) cluster.resume(one)
      // brokers that are shutting down ask the controller to be let go
      await Promise.all(brokers.map((one) => nodes.get(one)!.process.stop(40_000)))
      await nodes.get(CONTROLLER)!.process.stop(40_000)
    },
    async kill() {
      await Promise.all([...nodes.values()].map((one) => one.process.kill()))
    },
  }
  if (wait) {
    try {
      await Promise.all([...nodes.values()].map((one) => one.ready()))
    } catch (error) {
      await cluster.kill()
      throw error
    }
  }
  return cluster
}

/** How long its supervisor is waited for alone. */
const BACKOFF_MS = 1_000

/** Where its brokers listen: one port after the other, all free a moment ago. */
async function startWeirCluster({ dataDir, brokers = 3, settings, wait = true }: ClusterOptions): Promise<Cluster> {
  const port = await freePorts(brokers)
  const ids = Array.from({ length: brokers }, (_, i) => i + 1)
  const address = (broker: number) => `127.0.0.1:${port + broker - 1}`
  const weir: Weir = await startWeir({ dataDir, port, brokers, wait, ...(settings && { settings }) })
  const supervisor = weir.engine()[0]!
  const pid = (node: number) => weirNode(supervisor, node)
  let pages: Promise<string> | undefined
  const act = async (what: 'Act' | 'Faults', node: number, input: Record<string, unknown>) => {
    pages ??= weir.console()
    await lab(await pages, what, { process: node === CONTROLLER ? 'controller' : `broker-${node}`, ...input })
  }
  const pids = () => [CONTROLLER, ...ids].map(pid).filter((one) => one !== undefined)
  const cluster: Cluster = {
    name: weir.name,
    startedAtMs: weir.startedAtMs,
    bootstrap: ids.map(address).join(','),
    brokers: ids,
    nodes: [CONTROLLER, ...ids],
    address,
    logDir: (broker) => (broker === 1 ? dataDir : join(dataDir, `brokers/${broker}`)),
    pid,
    engine: () => [supervisor, ...pids()],
    all: weir.all,
    said: weir.output,
    cut: (node, cutOff) => act('Faults', node, { faults: { cutOff, slowDiskMs: 0, fullDisk: false } }),
    ...signals(pid),
    async back(node, { ready = false } = {}) {
      const alive = () =>
        node === CONTROLLER || !ready
          ? pid(node) !== undefined
          : listenerOn(port + node - 1, processTree(supervisor)) !== undefined
      const again = { what: `node ${node} started again`, limitMs: 60_000 }
      // One that has died often waits longer and longer, unless someone asks for it.
      const soon = await until(alive, { ...again, limitMs: BACKOFF_MS }).catch(() => false)
      if (soon) return
      if (pid(node) === undefined) await act('Act', node, { action: 'start' })
      await until(alive, again)
    },
    async stop() {
      for (const one of cluster.nodes) cluster.resume(one)
      await weir.stop()
    },
    kill: weir.kill,
  }
  return cluster
}

/** What a person does on the lab's page: sees the plan, and applies it. */
async function lab(console: string, what: 'Act' | 'Faults', input: Record<string, unknown>): Promise<void> {
  const call = async (name: string, body: unknown) => {
    const answer = await fetch(`${console}/api/trpc/lab.${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const { result, error } = (await answer.json()) as { result?: { data: { apply: unknown } }; error?: unknown }
    if (!result) throw new Error(`lab.${name}: ${JSON.stringify(error)}`)
    return result.data
  }
  const { apply } = await call(`plan${what}`, { cluster: 'default', ...input })
  await call(`apply${what}`, apply)
}

/** The process of a node that the supervisor has started. */
export const weirNode = (supervisor: number, node: number): number | undefined => {
  const title = node === CONTROLLER ? 'weir controller' : `weir broker ${node}`
  return processTree(supervisor).find((one) => isAlive(one) && titleOf(one).startsWith(title))
}

function titleOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

/** What is done to a process, whoever started it. */
export function signals(pid: (node: number) => number | undefined) {
  const send = (node: number, signal: NodeJS.Signals) => {
    const target = pid(node)
    if (target !== undefined) process.kill(target, signal)
    return target
  }
  const end = async (node: number, signal: 'SIGKILL' | 'SIGTERM') => {
    const target = send(node, signal)
    if (target === undefined) throw new Error(`node ${node} does not run`)
    await until(() => !isAlive(target), { what: `the end of node ${node} by ${signal}`, limitMs: 60_000 })
  }
  return {
    killNode: (node: number) => end(node, 'SIGKILL'),
    stopNode: (node: number) => end(node, 'SIGTERM'),
    pause: (node: number) => void send(node, 'SIGSTOP'),
    resume: (node: number) => void send(node, 'SIGCONT'),
  }
}
