/** A broker in a process of its own: started with the settings that the supervisor hands over. */

import { startBroker } from './broker/broker.ts'
import type { LifeTold } from './broker/life_before.ts'
import { brokerMetrics } from './broker_metrics.ts'
import { endAtOnceWhileStarting, endWithSupervisor, giveUp, takeFaults, tell } from './child.ts'
import { collectWhenIdle } from './collect_when_idle.ts'
import { handToBroker } from './controller/change_hands.ts'
import { DiskError } from './env/env.ts'
import { withFaults } from './env/faults.ts'
import { nodeEnv } from './env/node.ts'
import { type NodeMetricsSettings, serveMetrics } from './node_metrics.ts'
import type { LogLevel } from './rpc/logger.ts'
import { StartError } from './rpc/start_error.ts'

export interface BrokerSettings {
  readonly nodeId: number
  /** Log dirs. */
  readonly dataDirs: readonly string[]
  readonly host: string
  readonly port: number
  /** Kafka's settings, by name. */
  readonly kafka: readonly (readonly [string, string])[]
  readonly syncAcksAll: boolean
  readonly logLevel: LogLevel
  readonly metrics: NodeMetricsSettings
  /** Of the process that was ended in whose place this one comes. */
  readonly lifeBefore?: LifeTold | undefined
  /** It is its own controller from now on: the folder of the controller that has been one so far. */
  readonly takesBackFrom?: { readonly nodeId: number; readonly dir: string }
}

export async function runBroker(s: BrokerSettings): Promise<void> {
  process.title = `weir broker ${s.nodeId}`
  const { env, set } = withFaults(nodeEnv())
  takeFaults(set)
  const started = endAtOnceWhileStarting()
  try {
    if (s.takesBackFrom) {
      await handToBroker({
        env,
        brokerDir: new Map(s.kafka).get('metadata.log.dir') ?? s.dataDirs[0]!,
        brokerId: s.nodeId,
        controllerDir: s.takesBackFrom.dir,
        controllerId: s.takesBackFrom.nodeId,
      })
    }
    const broker = await startBroker({
      env,
      nodeId: s.nodeId,
      dataDir: s.dataDirs,
      host: s.host,
      port: s.port,
      settings: new Map(s.kafka),
      syncAcksAll: s.syncAcksAll,
      logLevel: s.logLevel,
      write: (line) => process.stderr.write(`${line}\n`),
      lifeBefore: s.lifeBefore,
      onLife: (left) => tell({ kind: 'left', left }),
      // Others lead what it led. What was in its way may have passed by the time that it is back.
      onDown: ({ message }) => void giveUp(message),
    })
    started()
    endWithSupervisor(`Broker ${s.nodeId}`, () => broker.stop())
    collectWhenIdle()
    const { host, port } = broker.address
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
    tell({ kind: 'ready', lines: [`Kafka broker ${s.nodeId} on ${address}`], addresses: [address] })
    tell({ kind: 'said', lines: await serveMetrics(brokerMetrics(broker), s.metrics) })
  } catch (error) {
    await giveUp(sentence(error, s))
  }
}

function sentence(error: unknown, { nodeId, dataDirs }: BrokerSettings): string {
  if (error instanceof StartError) return error.message
  if (error instanceof DiskError)
    return `Broker ${nodeId} cannot use the folder ${dataDirs.join(',')}: ${error.message}`
  const cause = error instanceof Error ? error : new Error(String(error))
  return `Broker ${nodeId} could not start: ${cause.message}`
}
