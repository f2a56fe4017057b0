/** What one broker is started with. */
import type { Texts } from '../config/resolve.ts'
import type { Env } from '../env/env.ts'
import type { LogLevel } from '../rpc/logger.ts'
import type { LifeTold } from './life_before.ts'

export interface BrokerOptions {
  readonly env: Env
  readonly nodeId: number
  /** One log dir, or several: the first has the metadata log, unless metadata.log.dir names another. */
  readonly dataDir: string | readonly string[]
  /** Where to listen. Port 0 picks a free one. */
  readonly host: string
  readonly port: number
  /** Kafka's settings as given at the start. */
  readonly settings: Texts
  /** Does acks=all wait for the disk? (`weir.acks.all.sync`) */
  readonly syncAcksAll: boolean
  /** What is written: by default failures and what should be looked into. */
  readonly logLevel?: LogLevel
  readonly write: (line: string) => void
  /** Overwrites memory that is given back for the next use, so that a wrong use of it is seen: for tests and the simulation. */
  readonly spoilBlocks?: boolean
  /** What the process in whose place this one is started had told last; absent: none, or its machine may have lost something since. */
  readonly lifeBefore?: LifeTold | undefined
  /** For the process that takes its place, should this one be ended. Undefined: what it has written is not to be counted on any more. */
  readonly onLife?: (told: LifeTold | undefined) => void
  /** Called once if, after it has started, it cannot follow its cluster any more: it serves nobody until it is started anew. */
  readonly onDown?: (error: Error) => void
}
