/**
 * The group coordinator of a broker: which partition of `__consumer_offsets` a group belongs to, the shards for those that are
 * led here, and what concerns several of them. How a shard gets its log is the broker's affair.
 *
 * Answers are those of the APIs, ready to be encoded; only authorization and the translation of topic ids are the handlers'.
 */
import type { Clock, Random } from '../../env/env.ts'
import { type ErrorName, errorCode, KafkaError } from '../../protocol/errors.ts'
import type { OffsetFetch } from '../../protocol/messages/09_offset_fetch.ts'
import type { ListGroups } from '../../protocol/messages/16_list_groups.ts'
import type { DeleteGroups } from '../../protocol/messages/42_delete_groups.ts'
import { type Infer, ZERO_UUID } from '../../protocol/schema.ts'
import type { StateLog } from '../../state/log.ts'
import { joinRefused, syncRefused } from './answers.ts'
import type { JoinGroupResponse, SyncGroupResponse } from './classic_group.ts'
import type { DeletedTopic } from './commands/delete_topics.ts'
import type { DescribedGroup } from './commands/describe_groups.ts'
import type { HeartbeatRequest, HeartbeatResponse } from './commands/heartbeat.ts'
import type { JoinGroupRequest } from './commands/join_group.ts'
import type { LeaveGroupRequest, LeaveGroupResponse } from './commands/leave_group.ts'
import type { ListGroupsRequest } from './commands/list_groups.ts'
import { type OffsetCommitRequest, type OffsetCommitResponse, refuseOffsetCommit } from './commands/offset_commit.ts'
import type { OffsetDeleteRequest, OffsetDeleteResponse } from './commands/offset_delete.ts'
import type { GroupOffsetsRequest, GroupOffsetsResponse } from './commands/offset_fetch.ts'
import type { SyncGroupRequest } from './commands/sync_group.ts'
import type { GroupConfig } from './config.ts'
import type { ConsumerHeartbeatRequest, ConsumerHeartbeatResponse } from './consumer/check_heartbeat.ts'
import type { DescribedConsumerGroup } from './consumer/commands/describe_consumer_group.ts'
import { Regexes } from './consumer/regexes.ts'
import { type GroupTopics, NO_TOPICS } from './consumer/topics.ts'
import type { GroupContext } from './context.ts'
import { groupPartition } from './group_partition.ts'
import { GroupShard, storeError } from './shard.ts'

export type OffsetFetchRequest = Infer<typeof OffsetFetch.request>
export type OffsetFetchResponse = Infer<typeof OffsetFetch.response>
export type ListGroupsResponse = Infer<typeof ListGroups.response>
export type DeletedGroup = Infer<typeof DeleteGroups.response>['results'][number]

export interface GroupLog {
  readonly log: StateLog
  /** All that the log holds, one batch each, from its start to its end. */
  batches(): Iterable<Buffer> | AsyncIterable<Buffer>
}

export interface GroupCoordinatorOptions {
  readonly config: GroupConfig
  readonly clock: Clock
  readonly random: Random
  /** Partitions of `__consumer_offsets`; must not change while groups are served. */
  readonly numPartitions: () => number
  /** For consumer groups: what there is to read. */
  readonly topics?: GroupTopics
  readonly logLine?: (line: string) => void
  /** A shard has gone down: its log has failed, or we have a bug. Until the partition is loaded again it is not led here. */
  readonly onShardDown?: (partition: number, error: Error) => void
}

/** First versions with several groups in one request, and with an error for all of it. */
const OFFSET_FETCH_GROUPS_VERSION = 8
const OFFSET_FETCH_ERROR_VERSION = 2
const LEAVE_GROUP_MEMBERS_VERSION = 3

interface Entry {
  readonly shard: GroupShard
  loading: boolean
  /** Topics that were deleted while it was loading. */
  readonly deletedMeanwhile: DeletedTopic[]
}

export class GroupCoordinator {
  private readonly shards = new Map<number, Entry>()
  private readonly regexes: Regexes

  constructor(private readonly options: GroupCoordinatorOptions) {
    this.regexes = new Regexes(options.topics ?? NO_TOPICS, options.clock)
  }

  partitionOf(groupId: string): number {
    return groupPartition(groupId, this.options.numPartitions())
  }

  /** The partition is led here from now on. Resolves when its groups are served; until then they are told that it loads. */
  async load(partition: number, source: GroupLog): Promise<void> {
    this.unload(partition)
    const { config, clock, random, logLine = () => {}, onShardDown = () => {} } = this.options
    const entry: Entry = {
      loading: true,
      deletedMeanwhile: [],
      shard: new GroupShard({
        log: source.log,
        config,
        clock,
        random,
        regexes: this.regexes,
        logLine,
        onDown: (error) => {
          if (this.shards.get(partition) === entry) this.shards.delete(partition)
          onShardDown(partition, error)
        },
      }),
    }
    this.shards.set(partition, entry)
    try {
      for await (const batch of source.batches()) {
        if (this.shards.get(partition) !== entry) return // Unloaded meanwhile.
        entry.shard.load(batch)
      }
    } catch (error) {
      if (this.shards.get(partition) === entry) this.unload(partition)
      throw error
    }
    if (this.shards.get(partition) !== entry) return
    entry.loading = false
    entry.shard.loaded()
    if (entry.deletedMeanwhile.length > 0) await entry.shard.deleteTopics(entry.deletedMeanwhile)
  }

  /** The partition is not led here any more. */
  unload(partition: number, error: Error = new KafkaError('NOT_COORDINATOR')): void {
    const entry = this.shards.get(partition)
    this.shards.delete(partition)
    entry?.shard.unload(error)
  }

  close(): void {
    for (const partition of [...this.shards.keys()]) this.unload(partition)
  }

  joinGroup(context: GroupContext, request: JoinGroupRequest): Promise<JoinGroupResponse> {
    return this.one(
      request.groupId,
      (shard) => shard.joinGroup(context, request),
      // Before version 7 there is no null for the protocol.
      (error) => ({ ...joinRefused(error, request.memberId), protocolName: context.version < 7 ? '' : null }),
    )
  }

  syncGroup(context: GroupContext, request: SyncGroupRequest): Promise<SyncGroupResponse> {
    return this.one(request.groupId, (shard) => shard.syncGroup(context, request), syncRefused)
  }

  heartbeat(_: GroupContext, request: HeartbeatRequest): Promise<HeartbeatResponse> {
    return this.one(
      request.groupId,
      (shard) => shard.heartbeat(request),
      // A member whose group is being loaded is as well as any: nobody's session runs.
      (error) => ({
        throttleTimeMs: 0,
        errorCode: error === 'COORDINATOR_LOAD_IN_PROGRESS' ? errorCode.NONE : errorCode[error],
      }),
    )
  }

  /** Whether the protocol is switched on is for the handler to know. */
  consumerGroupHeartbeat(context: GroupContext, request: ConsumerHeartbeatRequest): Promise<ConsumerHeartbeatResponse> {
    return this.one(request.groupId, (shard) => shard.consumerGroupHeartbeat(context, request), refuseConsumerHeartbeat)
  }

  /** What the principal may do with each is the handler's to add. */
  consumerGroupDescribe(groupIds: readonly string[]): Promise<DescribedConsumerGroup[]> {
    return Promise.all(
      groupIds.map((groupId) =>
        this.one(
          groupId,
          (shard) => shard.describeConsumerGroup(groupId),
          (error, detail) => refuseConsumerDescribe(groupId, error, detail),
        ),
      ),
    )
  }

  async leaveGroup(context: GroupContext, request: LeaveGroupRequest): Promise<LeaveGroupResponse> {
    const single = context.version < LEAVE_GROUP_MEMBERS_VERSION
    const members = single ? [{ memberId: request.memberId, groupInstanceId: null, reason: null }] : request.members
    const response = await this.one(
      request.groupId,
      (shard) => shard.leaveGroup(request.groupId, members),
      (error): LeaveGroupResponse => ({ throttleTimeMs: 0, errorCode: errorCode[error], members: [] }),
    )
    if (!single || response.errorCode !== errorCode.NONE) return response
    return { throttleTimeMs: 0, errorCode: response.members[0]!.errorCode, members: [] }
  }

  /** Topics must have their names, also where the request came with ids. */
  offsetCommit(context: GroupContext, request: OffsetCommitRequest): Promise<OffsetCommitResponse> {
    return this.one(
      request.groupId,
      (shard) => shard.offsetCommit(context, request),
      (error) => refuseOffsetCommit(request, error),
    )
  }

  /** Topics must have their names, also where the request came with ids. Where it asks for all, their ids are the handler's to add. */
  async offsetFetch(context: GroupContext, request: OffsetFetchRequest): Promise<OffsetFetchResponse> {
    const response = { throttleTimeMs: 0, groups: [], topics: [], errorCode: errorCode.NONE }
    if (context.version >= OFFSET_FETCH_GROUPS_VERSION) {
      const groups = await Promise.all(request.groups.map((g) => this.fetchOffsets(g)))
      return { ...response, groups: groups.map((g) => (g.errorCode === errorCode.NONE ? g : { ...g, topics: [] })) }
    }
    const group = await this.fetchOffsets({
      groupId: request.groupId,
      memberId: null,
      memberEpoch: -1,
      topics: request.topics,
    })
    if (context.version >= OFFSET_FETCH_ERROR_VERSION && group.errorCode !== errorCode.NONE) {
      return { ...response, errorCode: group.errorCode }
    }
    return { ...response, topics: group.topics.map(({ name, partitions }) => ({ name, partitions })) }
  }

  private fetchOffsets(request: GroupOffsetsRequest): Promise<GroupOffsetsResponse> {
    return this.one(
      request.groupId,
      (shard) => shard.offsetFetch(request),
      (error) => refuseOffsetFetch(request, error),
    )
  }

  async listGroups(_: GroupContext, request: ListGroupsRequest): Promise<ListGroupsResponse> {
    if ([...this.shards.values()].some((s) => s.loading)) {
      return { throttleTimeMs: 0, errorCode: errorCode.COORDINATOR_LOAD_IN_PROGRESS, groups: [] }
    }
    let failure: ErrorName = 'NONE'
    const lists = [...this.shards.values()].map(async ({ shard }) => {
      try {
        return await shard.listGroups(request)
      } catch (error) {
        // Whose groups are elsewhere now is asked there.
        if (shard.error !== undefined) return []
        if (!(error instanceof KafkaError)) throw error
        failure = storeError(error)
        return []
      }
    })
    const groups = (await Promise.all(lists)).flat()
    // A list that lacks some is none: it would say that they are gone.
    return { throttleTimeMs: 0, errorCode: errorCode[failure], groups: failure === 'NONE' ? groups : [] }
  }

  /** What the principal may do with each is the handler's to add. */
  describeGroups(context: GroupContext, groupIds: readonly string[]): Promise<DescribedGroup[]> {
    return Promise.all(
      groupIds.map((groupId) =>
        this.one(
          groupId,
          (shard) => shard.describeGroup(context, groupId),
          (error): DescribedGroup => ({
            errorCode: errorCode[error],
            errorMessage: null,
            groupId,
            groupState: '',
            protocolType: '',
            protocolData: '',
            members: [],
            authorizedOperations: -2147483648,
          }),
        ),
      ),
    )
  }

  deleteGroups(_: GroupContext, groupIds: readonly string[]): Promise<DeletedGroup[]> {
    return Promise.all(
      groupIds.map((groupId) =>
        this.one(
          groupId,
          (shard) => shard.deleteGroup(groupId).then(() => ({ groupId, errorCode: errorCode.NONE })),
          (error) => ({ groupId, errorCode: errorCode[error] }),
        ),
      ),
    )
  }

  offsetDelete(_: GroupContext, request: OffsetDeleteRequest): Promise<OffsetDeleteResponse> {
    return this.one(
      request.groupId,
      (shard) => shard.offsetDelete(request),
      (error): OffsetDeleteResponse => ({ errorCode: errorCode[error], throttleTimeMs: 0, topics: [] }),
    )
  }

  /** Call it when topics have been deleted, before one of the same name can be used. */
  async onTopicsDeleted(topics: readonly DeletedTopic[]): Promise<void> {
    const entries = [...this.shards.values()]
    for (const entry of entries) if (entry.loading) entry.deletedMeanwhile.push(...topics)
    await Promise.all(entries.filter((e) => !e.loading).map((e) => e.shard.deleteTopics(topics)))
  }

  /** Asks the group's shard; a KafkaError becomes the API's own answer. Anything else, while the shard is up, is our bug and is thrown on. */
  private async one<A>(
    groupId: string,
    ask: (shard: GroupShard) => Promise<A>,
    /** The sentence is there where the refusal is the group's own. */
    refuse: (error: ErrorName, detail: string | null) => A,
  ): Promise<A> {
    const entry = this.shards.get(this.partitionOf(groupId))
    if (entry === undefined) return refuse('NOT_COORDINATOR', null)
    if (entry.loading) return refuse('COORDINATOR_LOAD_IN_PROGRESS', null)
    try {
      return await ask(entry.shard)
    } catch (error) {
      if (error instanceof KafkaError) return refuse(storeError(error), error.message)
      // What took the shard down has been told to the broker; the client is to look for the coordinator again.
      if (entry.shard.error !== undefined) return refuse('NOT_COORDINATOR', null)
      throw error
    }
  }
}

const refuseConsumerHeartbeat = (error: ErrorName, errorMessage: string | null): ConsumerHeartbeatResponse => ({
  throttleTimeMs: 0,
  errorCode: errorCode[error],
  errorMessage,
  memberId: null,
  memberEpoch: 0,
  heartbeatIntervalMs: 0,
  assignment: null,
})

const refuseConsumerDescribe = (
  groupId: string,
  error: ErrorName,
  errorMessage: string | null,
): DescribedConsumerGroup => ({
  errorCode: errorCode[error],
  errorMessage,
  groupId,
  groupState: '',
  groupEpoch: 0,
  assignmentEpoch: 0,
  assignorName: '',
  members: [],
  authorizedOperations: -2147483648,
})

/** Before version 2 the partitions alone can say it; the later ones do not look. */
const refuseOffsetFetch = ({ groupId, topics }: GroupOffsetsRequest, error: ErrorName): GroupOffsetsResponse => ({
  groupId,
  errorCode: errorCode[error],
  topics: (topics ?? []).map(({ name, topicId, partitionIndexes }) => ({
    topicId: topicId ?? ZERO_UUID,
    name,
    partitions: partitionIndexes.map((partitionIndex) => ({
      partitionIndex,
      committedOffset: -1,
      committedLeaderEpoch: -1,
      metadata: '',
      errorCode: errorCode[error],
    })),
  })),
})
