/** The broker as its handlers see it. */

import type { BrokerConfig } from '../config/resolve.ts'
import type { GroupCoordinator } from '../coordinator/group/coordinator.ts'
import type { Clock } from '../env/env.ts'
import type { Configs } from '../metadata/configs.ts'
import type { ClientQuotas } from '../quota/client_quotas.ts'
import type { AnswerMemory } from '../rpc/answer_memory.ts'
import type { ApiRange } from '../rpc/api_versions.ts'
import type { LeveledLogger } from '../rpc/logger.ts'
import type { ClusterView } from './cluster_view.ts'
import type { ControllerLink } from './controller_link.ts'
import type { FetchSessions } from './fetch_sessions.ts'
import type { BrokerMetrics } from './metrics.ts'
import type { Partitions } from './partitions.ts'
import type { ProducerIds } from './producer_ids.ts'
import type { Purgatory } from './purgatory.ts'
import type { ClientTelemetry } from './telemetry/telemetry.ts'
import type { ThrottledReplication } from './throttled_replication.ts'

export interface BrokerState {
  readonly nodeId: number
  readonly clock: Clock
  readonly clusterId: string
  /** What is in effect at this moment, by Kafka's names. */
  readonly config: BrokerConfig
  readonly configs: Configs
  readonly metadata: ClusterView
  readonly controller: ControllerLink
  readonly partitions: Partitions
  readonly groups: GroupCoordinator
  readonly producerIds: ProducerIds
  readonly purgatory: Purgatory
  readonly telemetry: ClientTelemetry
  readonly quotas: ClientQuotas
  readonly throttled: ThrottledReplication
  readonly fetchSessions: FetchSessions
  readonly answers: AnswerMemory
  readonly metrics: BrokerMetrics
  readonly log: LeveledLogger
  /** What ApiVersions tells. */
  readonly offered: readonly ApiRange[]
}
