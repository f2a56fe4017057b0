/** The controller of a cluster of several brokers in a process of its own: started with the settings that the supervisor hands over. */
import { endAtOnceWhileStarting, endWithSupervisor, giveUp, takeFaults, tell } from './child.ts'
import { collectWhenIdle } from './collect_when_idle.ts'
import { type Hands, handToController } from './controller/change_hands.ts'
import { type ControllerNode, startController } from './controller/controller.ts'
import { controllerMetricsTable } from './controller/metrics_table.ts'
import { DiskError, type Env } from './env/env.ts'
import { withFaults } from './env/faults.ts'
import { nodeEnv } from './env/node.ts'
import { expose, labels } from './lib/exposition.ts'
import { LogDirError } from './log/meta_properties.ts'
import { type NodeMetrics, type NodeMetricsSettings, serveMetrics } from './node_metrics.ts'
import type { LogLevel } from './rpc/logger.ts'
import { StartError } from './rpc/start_error.ts'

export interface ControllerSettings {
  readonly nodeId: number
  readonly dataDir: string
  readonly port: number
  /** Kafka's settings, by name. */
  readonly kafka: readonly (readonly [string, string])[]
  readonly logLevel: LogLevel
  readonly metrics: NodeMetricsSettings
  /** Of a broker that has been its own controller so far: its log dir with the metadata log. */
  readonly takesOverFrom?: { readonly nodeId: number; readonly dir: string }
}

/** Nobody but the brokers of this machine needs it. */
const HOST = '127.0.0.1'
const LISTENER = 'CONTROLLER'
/** Those that are a broker's. */
const NOT_OURS = [
  'node.id',
  'broker.id',
  'process.roles',
  'listeners',
  'advertised.listeners',
  'log.dir',
  'log.dirs',
  'metadata.log.dir',
]

export async function runController(s: ControllerSettings): Promise<void> {
  process.title = 'weir controller'
  const { env, set } = withFaults(nodeEnv())
  takeFaults(set)
  const started = endAtOnceWhileStarting()
  try {
    if (s.takesOverFrom) await handToController(handsOf(s, s.takesOverFrom, env))
    const controller = await startController({
      env,
      nodeId: s.nodeId,
      dataDir: s.dataDir,
      host: HOST,
      port: s.port,
      settings: new Map(s.kafka.filter(([name]) => !NOT_OURS.includes(name))),
      logLevel: s.logLevel,
      write: (line) => process.stderr.write(`${line}\n`),
      // Without it nobody leads instead of a broker that dies. Everything that it has told is on the disk, so a new start can go on.
      onDown: () => process.exit(1),
    })
    started()
    endWithSupervisor(
      'The controller',
      () => controller.stop(),
      () => controller.load.connections > 0,
    )
    collectWhenIdle()
    const { host, port } = controller.address
    tell({ kind: 'ready', lines: [`Controller ${s.nodeId} on ${host}:${port}`], addresses: [`${host}:${port}`] })
    tell({ kind: 'said', lines: await serveMetrics(controllerMetrics(controller), s.metrics) })
  } catch (error) {
    await giveUp(sentence(error, s))
  }
}

const handsOf = (s: ControllerSettings, { nodeId, dir }: { nodeId: number; dir: string }, env: Env): Hands => ({
  env,
  brokerDir: dir,
  brokerId: nodeId,
  controllerDir: s.dataDir,
  controllerId: s.nodeId,
  endpoint: { name: LISTENER, host: HOST, port: s.port },
})

function controllerMetrics(node: ControllerNode): NodeMetrics {
  const of = { cluster: node.clusterId, controller: node.nodeId }
  return {
    name: 'the controller',
    role: 'controller',
    of,
    parts: () => expose(controllerMetricsTable, node, labels(of)),
  }
}

function sentence(error: unknown, { dataDir }: ControllerSettings): string {
  if (error instanceof StartError || error instanceof LogDirError) return error.message
  const cause = error instanceof Error ? error : new Error(String(error))
  if (error instanceof DiskError) return `The controller cannot use the folder ${dataDir}: ${cause.message}`
  return `The controller could not start: ${cause.message}`
}
