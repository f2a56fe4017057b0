/**
 * The console's services as the routers call them. `console.ts` makes the one object that a process has; implementations
 * are in the folders named like the members.
 */

import type { MetricsDetail } from '../config/metrics_detail.ts'
import type { FamilyPart } from '../lib/exposition.ts'
import type { Actor } from './audit.ts'
import type { AuditInput, AuditPage, AuditRow } from './shapes/audit.ts'
import type {
  AlterBrokerConfigInput,
  ApplyAlterBrokerConfig,
  BrokerInput,
  BrokerRow,
  LogDirRow,
  QuorumState,
} from './shapes/broker.ts'
import type { ClusterDetail, ClusterSummary, Overview, OverviewTick, SearchHit } from './shapes/cluster.ts'
import type {
  ApplyDeleteGroup,
  ApplyReset,
  GroupDetail,
  GroupInput,
  GroupListInput,
  GroupPage,
  LagHistoryInput,
  ResetInput,
  ResetPreview,
} from './shapes/group.ts'
import type {
  ApplyAct,
  ApplyFaults,
  ApplyStart,
  KeptRun,
  LabState,
  LabTick,
  PlanAct,
  PlanFaults,
  PlanStart,
  Run,
} from './shapes/lab.ts'
import type { LiveInput, LiveTick, OffsetsTick, Series, SeriesInput } from './shapes/metric.ts'
import type { ModelInputs, ModelInputsInput, ProbeInput, ProbeState } from './shapes/model.ts'
import type { Applied, Plan } from './shapes/plan.ts'
import type { BrowseEvent, BrowseInput, Produced, ProduceInput, RecordInput, WholeRecord } from './shapes/record.ts'
import type {
  ApplyCancel,
  ApplyElect,
  ApplyReassign,
  ElectInput,
  OngoingMove,
  ReassignInput,
  ReassignmentsInput,
} from './shapes/replicas.ts'
import type {
  AlterConfigsInput,
  ApplyAlterConfigs,
  ApplyCreateTopic,
  ApplyDeleteTopic,
  ApplyIncreasePartitions,
  ApplyPurge,
  ConfigEntry,
  ConfigSchemaEntry,
  CreateTopicInput,
  IncreasePartitionsInput,
  PurgeInput,
  TopicDetail,
  TopicGroupRow,
  TopicInput,
  TopicListInput,
  TopicPage,
} from './shapes/topic.ts'
import type { SavedViewRow, SaveViewInput } from './shapes/view.ts'
import type { Need } from './trpc.ts'

export interface ConsoleService {
  readonly clusters: () => readonly ClusterSummary[]
  /** Throws NOT_FOUND. */
  readonly cluster: (id: string) => ClusterService
  /** Answers tRPC's requests under `/api/trpc`. */
  readonly handle: (request: Request) => Promise<Response>
  readonly close: () => Promise<void>
}

export interface ClusterService {
  readonly summary: () => ClusterSummary
  readonly detail: () => Promise<ClusterDetail>
  /** Throws UNSUPPORTED with the names of what is missing. */
  readonly demand: (needs: readonly Need[]) => Promise<void>
  /** Rejects with UNREACHABLE as soon as the cluster is out of reach: only for what changes nothing. */
  readonly whileReachable: <T>(run: () => Promise<T>) => Promise<T>
  readonly overview: () => Promise<Overview>
  readonly overviewLive: (signal: AbortSignal) => AsyncIterable<OverviewTick>
  readonly search: (text: string, limit: number) => Promise<readonly SearchHit[]>
  readonly topics: TopicsService
  readonly messages: MessagesService
  readonly groups: GroupsService
  readonly brokers: BrokersService
  readonly replicas: ReplicasService
  readonly metrics: MetricsService
  readonly models: ModelsService
  readonly lab: LabService
  readonly audit: AuditService
  readonly views: ViewsService
  /** For Prometheus: what is known of the cluster, without asking it anew. */
  readonly exposition: (detail: MetricsDetail) => AsyncIterable<FamilyPart>
}

export interface TopicsService {
  readonly list: (input: TopicListInput) => Promise<TopicPage>
  readonly get: (input: TopicInput) => Promise<TopicDetail>
  readonly configs: (input: TopicInput) => Promise<readonly ConfigEntry[]>
  readonly groups: (input: TopicInput) => Promise<readonly TopicGroupRow[]>
  readonly configSchema: () => Promise<readonly ConfigSchemaEntry[]>
  readonly planCreate: (input: CreateTopicInput) => Promise<Plan<ApplyCreateTopic>>
  readonly applyCreate: (input: ApplyCreateTopic, actor: Actor) => Promise<Applied>
  readonly planAlterConfigs: (input: AlterConfigsInput) => Promise<Plan<ApplyAlterConfigs>>
  readonly applyAlterConfigs: (input: ApplyAlterConfigs, actor: Actor) => Promise<Applied>
  readonly planIncreasePartitions: (input: IncreasePartitionsInput) => Promise<Plan<ApplyIncreasePartitions>>
  readonly applyIncreasePartitions: (input: ApplyIncreasePartitions, actor: Actor) => Promise<Applied>
  readonly planPurge: (input: PurgeInput) => Promise<Plan<ApplyPurge>>
  readonly applyPurge: (input: ApplyPurge, actor: Actor) => Promise<Applied>
  readonly planDelete: (input: TopicInput) => Promise<Plan<ApplyDeleteTopic>>
  readonly applyDelete: (input: ApplyDeleteTopic, actor: Actor) => Promise<Applied>
}

export interface MessagesService {
  /** `id` names the position: given back as `lastEventId`, a live stream goes on there. */
  readonly browse: (input: BrowseInput, signal: AbortSignal) => AsyncIterable<BrowseEvent & { readonly id: string }>
  readonly get: (input: RecordInput) => Promise<WholeRecord>
  readonly produce: (input: ProduceInput, actor: Actor) => Promise<Produced>
}

export interface GroupsService {
  readonly list: (input: GroupListInput) => Promise<GroupPage>
  readonly get: (input: GroupInput) => Promise<GroupDetail>
  readonly lagHistory: (input: LagHistoryInput) => Promise<Series>
  /** The group again whenever the sampler has looked, until aborted. */
  readonly live: (input: GroupInput, signal: AbortSignal) => AsyncIterable<GroupDetail>
  readonly planReset: (input: ResetInput) => Promise<Plan<ApplyReset> & { readonly preview: ResetPreview }>
  readonly applyReset: (input: ApplyReset, actor: Actor) => Promise<Applied>
  readonly planDelete: (input: GroupInput) => Promise<Plan<ApplyDeleteGroup>>
  readonly applyDelete: (input: ApplyDeleteGroup, actor: Actor) => Promise<Applied>
}

export interface BrokersService {
  readonly list: () => Promise<readonly BrokerRow[]>
  readonly quorum: () => Promise<QuorumState>
  readonly configs: (input: BrokerInput) => Promise<readonly ConfigEntry[]>
  readonly logDirs: (input: BrokerInput) => Promise<readonly LogDirRow[]>
  readonly planAlterConfig: (input: AlterBrokerConfigInput) => Promise<Plan<ApplyAlterBrokerConfig>>
  readonly applyAlterConfig: (input: ApplyAlterBrokerConfig, actor: Actor) => Promise<Applied>
}

export interface ReplicasService {
  readonly ongoing: (input: ReassignmentsInput) => Promise<readonly OngoingMove[]>
  /** Preferred leaders, of one topic or of all. */
  readonly planElect: (input: ElectInput) => Promise<Plan<ApplyElect>>
  readonly applyElect: (input: ApplyElect, actor: Actor) => Promise<Applied>
  readonly planReassign: (input: ReassignInput) => Promise<Plan<ApplyReassign>>
  readonly applyReassign: (input: ApplyReassign, actor: Actor) => Promise<Applied>
  readonly planCancel: (input: ReassignmentsInput) => Promise<Plan<ApplyCancel>>
  readonly applyCancel: (input: ApplyCancel, actor: Actor) => Promise<Applied>
}

export interface MetricsService {
  readonly series: (input: SeriesInput) => Promise<readonly Series[]>
  readonly live: (input: LiveInput, signal: AbortSignal) => AsyncIterable<LiveTick>
  readonly offsetsLive: (topic: string, signal: AbortSignal) => AsyncIterable<OffsetsTick>
}

export interface ModelsService {
  readonly inputs: (input: ModelInputsInput) => Promise<ModelInputs>
  readonly probe: (input: ProbeInput, actor: Actor) => Promise<ProbeState>
}

export interface LabService {
  readonly state: () => Promise<LabState>
  /** Twice a second, until aborted: processes, and what is new of the run that goes on or has just ended. */
  readonly live: (signal: AbortSignal) => AsyncIterable<LabTick>
  readonly planAct: (input: PlanAct) => Promise<Plan<ApplyAct>>
  readonly applyAct: (input: ApplyAct, actor: Actor) => Promise<Applied>
  readonly planFaults: (input: PlanFaults) => Promise<Plan<ApplyFaults>>
  readonly applyFaults: (input: ApplyFaults, actor: Actor) => Promise<Applied>
  readonly planStart: (input: PlanStart) => Promise<Plan<ApplyStart>>
  readonly applyStart: (input: ApplyStart, actor: Actor) => Promise<Applied & { readonly run: string }>
  readonly stop: () => Promise<void>
  readonly runs: () => Promise<readonly KeptRun[]>
  /** Throws NOT_FOUND. */
  readonly run: (id: string) => Promise<Run>
  readonly deleteRun: (id: string) => Promise<void>
}

export interface AuditService {
  readonly list: (input: AuditInput) => Promise<AuditPage>
  readonly get: (id: string) => Promise<AuditRow>
}

export interface ViewsService {
  readonly list: (page: string | null) => Promise<readonly SavedViewRow[]>
  readonly save: (input: SaveViewInput, actor: Actor) => Promise<SavedViewRow>
  readonly delete: (id: string) => Promise<void>
}
