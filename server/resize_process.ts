/**
 * Moves partitions on a cluster that goes to more or fewer brokers, in a process of its own beside them: a Kafka client with an end. It
 * ends when everything is where it should be, and begins anew if it fails before.
 */
import { endAtOnceWhileStarting, giveUp, reachedSoFar, retire, tell } from './child.ts'
import { createClient, parseAddresses } from './client/client.ts'
import { type Folders, growthEnded, removeBrokers } from './cluster_folders.ts'
import type { Resize } from './cluster_plan.ts'
import { nodeEnv } from './env/node.ts'
import { KafkaError } from './protocol/errors.ts'
import { ResizeRefused, resize } from './resize.ts'

export interface ResizeSettings extends Resize {
  /** host:port of brokers. */
  readonly bootstrap: readonly string[]
  /** Those that are started. */
  readonly brokerIds: readonly number[]
  /** Names under which the supervisor knows those that leave. */
  readonly leavingIds: readonly string[]
  readonly folders: Folders
  readonly replicationFactor: number
  readonly internalReplicationFactor: number
  readonly minInsyncReplicas: { readonly before: number; readonly now: number }
}

/** A cluster that has just been started, or stands still for an election, answers later. */
const CALL_TIMEOUT_MS = 60_000

export async function runResize(s: ResizeSettings): Promise<void> {
  process.title = 'weir resize'
  process.on('SIGINT', () => {})
  process.on('SIGHUP', () => {})
  const bootstrap = reachedSoFar(s.bootstrap, parseAddresses)
  endAtOnceWhileStarting()
  const env = nodeEnv()
  const client = createClient(env, {
    bootstrap,
    clientId: 'weir-resize',
    callTimeoutMs: CALL_TIMEOUT_MS,
  })
  const say = (line: string) => tell({ kind: 'said', lines: [line] })
  try {
    await resize({
      ...s,
      admin: client.admin,
      clock: env.clock,
      say,
      growthEnded: () => growthEnded(env.disk, s.folders),
      retire: () => retire(s.leavingIds),
    })
    const kept = removeBrokers(env.disk, s.folders, s.leave)
    if (kept.length > 0) say(`Folders that nobody knows are kept in ${kept.join(', ')}.`)
  } catch (error) {
    if (error instanceof ResizeRefused) await giveUp(error.message)
    // Such as a cluster that does not answer: the supervisor starts this once more.
    if (!(error instanceof KafkaError)) throw error
    console.error(`Partitions cannot be moved at the moment: ${error.message}`)
    process.exit(1)
  }
  process.send?.({ kind: 'done' }, undefined, undefined, () => process.exit(0))
}
