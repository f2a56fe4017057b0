/**
 * The group coordinator for one partition of `__consumer_offsets`: one async method an API, each answered once all it says is
 * committed. Errors that the protocol has a place for are in the answers; what is thrown is a KafkaError that concerns the
 * whole partition (it is not led here, its log has failed) or our bug.
 */
import type { Clock, Random } from '../../env/env.ts'
import { type ErrorName, KafkaError } from '../../protocol/errors.ts'
import type { StateLog } from '../../state/log.ts'
import { Runtime } from '../../state/runtime.ts'
import { joinRefused, NO_MEMBER_ID } from './answers.ts'
import type { JoinGroupResponse, SyncGroupResponse } from './classic_group.ts'
import { deleteGroup } from './commands/delete_group.ts'
import { type DeletedTopic, deleteTopics } from './commands/delete_topics.ts'
import { type DescribedGroup, describeGroup } from './commands/describe_groups.ts'
import { expireOffsets } from './commands/expire_offsets.ts'
import { type HeartbeatRequest, type HeartbeatResponse, heartbeat } from './commands/heartbeat.ts'
import { type JoinGroupRequest, joinGroup } from './commands/join_group.ts'
import { keepSmall } from './commands/keep_small.ts'
import { type LeaveGroupResponse, type LeavingMember, leaveGroup } from './commands/leave_group.ts'
import { type ListedGroup, type ListGroupsRequest, listGroups } from './commands/list_groups.ts'
import {
  type OffsetCommitRequest,
  type OffsetCommitResponse,
  offsetCommit,
  refuseOffsetCommit,
} from './commands/offset_commit.ts'
import { type OffsetDeleteRequest, type OffsetDeleteResponse, offsetDelete } from './commands/offset_delete.ts'
import { type GroupOffsetsRequest, type GroupOffsetsResponse, offsetFetch } from './commands/offset_fetch.ts'
import { abandonSync, type SyncGroupRequest, syncGroup } from './commands/sync_group.ts'
import type { GroupConfig } from './config.ts'
import { REGEX_MIN_REFRESH_MS } from './consumer/advance.ts'
import type { ConsumerHeartbeatRequest, ConsumerHeartbeatResponse } from './consumer/check_heartbeat.ts'
import { consumerGroupHeartbeat } from './consumer/commands/consumer_group_heartbeat.ts'
import { type DescribedConsumerGroup, describeConsumerGroup } from './consumer/commands/describe_consumer_group.ts'
import type { Regexes } from './consumer/regexes.ts'
import type { GroupContext } from './context.ts'
import { LiveGroups } from './live_groups.ts'
import { type GroupRecord, groupRecordCodec } from './records.ts'
import { GroupState } from './state.ts'

export interface ShardOptions {
  readonly log: StateLog
  readonly config: GroupConfig
  readonly clock: Clock
  readonly random: Random
  readonly regexes: Regexes
  readonly logLine?: (line: string) => void
  /** The shard has gone down by itself; it answers nothing any more. */
  readonly onDown?: (error: Error) => void
}

export class GroupShard {
  readonly state = new GroupState()
  private readonly runtime: Runtime<GroupState, GroupRecord>
  private readonly live: LiveGroups
  private readonly config: GroupConfig
  private readonly clock: Clock

  constructor({ log, config, clock, random, regexes, logLine = () => {}, onDown = () => {} }: ShardOptions) {
    this.config = config
    this.clock = clock
    this.runtime = new Runtime({
      ...{ state: this.state, log, codec: groupRecordCodec, clock, onDown },
      answerTimeoutMs: () => config.offsetsCommitTimeoutMs,
    })
    this.live = new LiveGroups({ runtime: this.runtime, config, clock, random, regexes, log: logLine })
  }

  /** One batch of what the log holds, in order; then `loaded`. */
  load(batch: Buffer): void {
    this.runtime.loadBatch(batch)
  }

  /** Members that were there have a session's time to say that they still are. */
  loaded(): void {
    for (const group of this.state.consumers.values()) this.live.consumers.loaded(group)
    for (const group of this.live.all()) {
      for (const member of group.members.values()) member.session.set(member.sessionTimeoutMs)
      if (group.members.size > this.config.maxSize)
        void this.runtime.run(keepSmall(this.live, group.groupId)).catch(() => {})
    }
    this.expireOffsetsLater()
  }

  /** Why it is down, if it is. */
  get error(): Error | undefined {
    return this.runtime.error
  }

  /** Everyone who waits is told `error`. */
  unload(error: Error): void {
    this.runtime.unload(error)
  }

  async joinGroup(context: GroupContext, request: JoinGroupRequest): Promise<JoinGroupResponse> {
    const response = await this.answered(
      () => this.runtime.run(joinGroup(this.live, context, request)),
      (error) => joinRefused(error, NO_MEMBER_ID),
    )
    // Before version 7 there is no null for it.
    return context.version < 7 ? { ...response, protocolName: response.protocolName ?? '' } : response
  }

  async syncGroup(context: GroupContext, request: SyncGroupRequest): Promise<SyncGroupResponse> {
    try {
      return await this.runtime.run(syncGroup(this.live, context, request))
    } catch (error) {
      if (this.runtime.error !== undefined) throw error
      await this.runtime.run(abandonSync(this.live, request, storeError(error)))
      throw new KafkaError(storeError(error))
    }
  }

  heartbeat(request: HeartbeatRequest): Promise<HeartbeatResponse> {
    return this.runtime.run(heartbeat(this.live, request))
  }

  /** Rejects with the KafkaError to refuse it with, which may have a sentence for the member. */
  async consumerGroupHeartbeat(
    context: GroupContext,
    request: ConsumerHeartbeatRequest,
  ): Promise<ConsumerHeartbeatResponse> {
    await this.matchRegexes(request)
    return this.runtime.run(consumerGroupHeartbeat(this.live, context, request))
  }

  /** Rejects with GROUP_ID_NOT_FOUND, for a group of another type too. */
  describeConsumerGroup(groupId: string): Promise<DescribedConsumerGroup> {
    return this.runtime.run(describeConsumerGroup(this.live, groupId))
  }

  leaveGroup(groupId: string, members: readonly LeavingMember[]): Promise<LeaveGroupResponse> {
    return this.runtime.run(leaveGroup(this.live, groupId, members))
  }

  offsetCommit(context: GroupContext, request: OffsetCommitRequest): Promise<OffsetCommitResponse> {
    return this.answered(
      () => this.runtime.run(offsetCommit(this.live, context, request)),
      (error) => refuseOffsetCommit(request, error),
    )
  }

  offsetFetch(request: GroupOffsetsRequest): Promise<GroupOffsetsResponse> {
    return this.runtime.run(offsetFetch(request))
  }

  listGroups(request: ListGroupsRequest): Promise<ListedGroup[]> {
    return this.runtime.run(listGroups(this.live, request))
  }

  describeGroup(context: GroupContext, groupId: string): Promise<DescribedGroup> {
    return this.runtime.run(describeGroup(this.live, context, groupId))
  }

  /** Rejects with GROUP_ID_NOT_FOUND or NON_EMPTY_GROUP. */
  deleteGroup(groupId: string): Promise<void> {
    return this.runtime.run(deleteGroup(this.live, groupId))
  }

  /** Rejects with GROUP_ID_NOT_FOUND or NON_EMPTY_GROUP. */
  offsetDelete(request: OffsetDeleteRequest): Promise<OffsetDeleteResponse> {
    return this.runtime.run(offsetDelete(this.live, request))
  }

  deleteTopics(topics: readonly DeletedTopic[]): Promise<void> {
    return this.runtime.run(deleteTopics(topics))
  }

  /** Before a heartbeat is handled: what its regular expression stands for, and, now and then, those of the whole group. */
  private async matchRegexes({ groupId, subscribedTopicRegex: own }: ConsumerHeartbeatRequest): Promise<void> {
    const group = this.state.consumers.get(groupId)
    const wanted = new Set<string>()
    if (own !== null && own !== '' && group?.regexes.has(own) !== true) wanted.add(own)
    const regexes = group?.subscribedRegexes()
    if (regexes !== undefined && regexes.size > 0) {
      const live = this.live.consumers.of(groupId)
      const nowMs = this.clock.monotonic()
      if (nowMs - live.regexesMatchedMs >= REGEX_MIN_REFRESH_MS) {
        live.regexesMatchedMs = nowMs
        for (const regex of regexes) wanted.add(regex)
      }
    }
    for (const regex of wanted) await this.live.regexes.prepare(regex)
  }

  private expireOffsetsLater(): void {
    const expire = expireOffsets(this.live)
    this.runtime.timer(this.config.offsetsRetentionCheckIntervalMs, (state, nowMs) => ({
      ...expire(state, nowMs),
      change: () => this.expireOffsetsLater(),
    }))
  }

  /** A refusal by the command, or by the log while it goes on, becomes the answer that says so. */
  private async answered<A>(run: () => Promise<A>, refuse: (error: ErrorName) => A): Promise<A> {
    try {
      return await run()
    } catch (error) {
      if (this.runtime.error !== undefined || !(error instanceof KafkaError)) throw error
      return refuse(storeError(error))
    }
  }
}

/** What a client of a group is told when something could not be stored: it does not know the log's errors. */
const storeErrors: Partial<Record<ErrorName, ErrorName>> = {
  UNKNOWN_TOPIC_OR_PARTITION: 'COORDINATOR_NOT_AVAILABLE',
  NOT_ENOUGH_REPLICAS: 'COORDINATOR_NOT_AVAILABLE',
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: 'COORDINATOR_NOT_AVAILABLE',
  REQUEST_TIMED_OUT: 'COORDINATOR_NOT_AVAILABLE',
  NOT_LEADER_OR_FOLLOWER: 'NOT_COORDINATOR',
  KAFKA_STORAGE_ERROR: 'NOT_COORDINATOR',
  MESSAGE_TOO_LARGE: 'UNKNOWN_SERVER_ERROR',
  RECORD_LIST_TOO_LARGE: 'UNKNOWN_SERVER_ERROR',
  INVALID_FETCH_SIZE: 'UNKNOWN_SERVER_ERROR',
}

export const storeError = (error: unknown): ErrorName =>
  error instanceof KafkaError ? (storeErrors[error.error] ?? error.error) : 'UNKNOWN_SERVER_ERROR'
