/** Asks the controllers which cluster they are, for folders that belong to none yet (KIP-919). */
import { BrokerConnection } from '../../client/connection.ts'
import { asKafkaError, errorFrom } from '../../client/errors.ts'
import type { Env } from '../../env/env.ts'
import { DescribeCluster } from '../../protocol/messages/60_describe_cluster.ts'
import type { LeveledLogger } from '../../rpc/logger.ts'
import { StartError } from '../../rpc/start_error.ts'
import type { QuorumNodes } from './quorum_nodes.ts'

const CONTROLLERS = 2
const ASK_TIMEOUT_MS = 2_000
const PAUSE_MS = 100
/** So long a controller that starts beside us may take before anybody is told. */
const QUIET_MS = 3_000

/** Tries until `timeoutMs` are over, then throws a StartError. */
export async function askClusterId(o: {
  readonly env: Env
  readonly quorum: QuorumNodes
  readonly clientId: string
  readonly timeoutMs: number
  readonly log: LeveledLogger
}): Promise<string> {
  const { env, quorum } = o
  const began = env.clock.monotonic()
  let told = false
  for (;;) {
    const address = quorum.next()
    try {
      const connection = await BrokerConnection.open(env, address, {
        clientId: o.clientId,
        requestTimeoutMs: ASK_TIMEOUT_MS,
        connectTimeoutMs: ASK_TIMEOUT_MS,
        maxResponseBytes: 1024 * 1024,
      })
      try {
        const body = { includeClusterAuthorizedOperations: false, endpointType: CONTROLLERS }
        const { errorCode, errorMessage, clusterId } = await connection.send(DescribeCluster, body, { minVersion: 1 })
        const error = errorFrom(errorCode, errorMessage)
        if (error) throw error
        if (clusterId !== '') return clusterId
      } finally {
        connection.close()
      }
    } catch (error) {
      const message = asKafkaError(error).message.replace(/\.$/, '')
      const triedMs = env.clock.monotonic() - began
      if (triedMs >= o.timeoutMs) {
        throw new StartError(
          `No controller said which cluster it is (the last was ${address.host}:${address.port}: ${message}); start the controllers, or correct controller.quorum.bootstrap.servers or controller.quorum.voters.`,
        )
      }
      if (!told && triedMs >= QUIET_MS) {
        told = true
        o.log.warn(
          `No controller has said which cluster it is (the last asked was ${address.host}:${address.port}: ${message}); they are asked for ${Math.round((o.timeoutMs - triedMs) / 1000)} s more.`,
        )
      }
    }
    await new Promise<void>((resolve) => env.clock.after(PAUSE_MS, resolve))
  }
}
