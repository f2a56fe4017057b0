/** A controller that is a node of its own, as its handlers see it. */
import type { BrokerConfig } from '../config/resolve.ts'
import type { Clock } from '../env/env.ts'
import type { Configs } from '../metadata/configs.ts'
import type { MetadataController } from '../metadata/controller.ts'
import type { ClientQuotas } from '../quota/client_quotas.ts'
import type { AnswerMemory } from '../rpc/answer_memory.ts'
import type { ApiRange } from '../rpc/api_versions.ts'
import type { LeveledLogger } from '../rpc/logger.ts'
import type { BrokerConnections } from './broker_connections.ts'
import type { FetchedLog } from './fetched_log.ts'
import type { Observers } from './observers.ts'

export interface Endpoint {
  readonly host: string
  readonly port: number
}

export interface ControllerState {
  readonly nodeId: number
  readonly clusterId: string
  /** Of the folder that holds the metadata log. */
  readonly directoryId: string
  readonly clock: Clock
  readonly controller: MetadataController
  /** What is in effect at this moment, by Kafka's names. */
  readonly config: BrokerConfig
  readonly configs: Configs
  readonly metadataLog: FetchedLog
  readonly observers: Observers
  readonly brokers: BrokerConnections
  readonly quotas: ClientQuotas
  readonly answers: AnswerMemory
  readonly log: LeveledLogger
  /** Where brokers and other controllers reach it. */
  readonly endpoint: Endpoint
  /** What ApiVersions tells. */
  readonly offered: readonly ApiRange[]
}
