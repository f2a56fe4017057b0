/** A cluster of both kinds: Apache Kafka's controller (node 3000) and broker 1, and Weir as broker 2. */
import { join } from 'node:path'
import { type Cluster, CONTROLLER, quorumAt, signals, startKafkaCluster, weirNode } from '../lib/cluster.ts'
import { freePort, isPortOpen, until } from '../lib/processes.ts'
import { startWeir, type Weir } from '../lib/weir.ts'

export const THEIRS = 1
export const OURS = 2

/** With `self` broker 2 is Apache Kafka's as well: what then fails is not ours. */
export async function startMixed(
  dataDir: string,
  { dynamic, self }: { dynamic: boolean; self: boolean },
): Promise<Cluster> {
  const settings = {
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    'replica.lag.time.max.ms': '4000',
    'group.initial.rebalance.delay.ms': '0',
    'offsets.topic.replication.factor': '2',
    'default.replication.factor': '2',
  }
  const heap = ['-Xmx320m', '-Xms128m']
  const kafka = await startKafkaCluster({ dataDir, brokers: self ? 2 : 1, settings, dynamic, heap })
  if (self) return kafka
  const port = await freePort()
  const folder = join(dataDir, 'weir')
  let weir: Weir
  try {
    weir = await startWeir({
      dataDir: folder,
      port,
      nodeId: OURS,
      settings: {
        ...settings,
        'process.roles': 'broker',
        'node.id': String(OURS),
        'controller.listener.names': 'CONTROLLER',
        ...quorumAt(kafka.address(CONTROLLER), dynamic),
      },
    })
  } catch (error) {
    await kafka.kill()
    throw error
  }
  const supervisor = weir.engine()[0]!
  const pid = (node: number) => (node === OURS ? weirNode(supervisor, OURS) : kafka.pid(node))
  return {
    ...kafka,
    said: weir.output,
    name: weir.name,
    bootstrap: `${kafka.bootstrap},127.0.0.1:${port}`,
    brokers: [THEIRS, OURS],
    nodes: [CONTROLLER, THEIRS, OURS],
    address: (node) => (node === OURS ? `127.0.0.1:${port}` : kafka.address(node)),
    logDir: (broker) => (broker === OURS ? folder : kafka.logDir(broker)),
    pid,
    engine: () => [...kafka.engine(), ...weir.engine()],
    all: () => [...kafka.all(), ...weir.all()],
    ...signals(pid),
    async back(node, options) {
      if (node !== OURS) return kafka.back(node, options)
      await until(() => isPortOpen(port), { what: 'our broker back', limitMs: 60_000 })
    },
    async stop() {
      await weir.stop()
      await kafka.stop()
    },
    async kill() {
      await weir.kill()
      await kafka.kill()
    },
  }
}
