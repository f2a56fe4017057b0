/** The records of `__consumer_offsets`, by the type that the first two bytes of their keys are. */
import type { KeyedRecord } from '../schema.ts'
import { LegacyOffsetCommitKey, LegacyOffsetCommitValue } from './00_legacy_offset_commit.ts'
import { OffsetCommitKey, OffsetCommitValue } from './01_offset_commit.ts'
import { GroupMetadataKey, GroupMetadataValue } from './02_group_metadata.ts'
import { ConsumerGroupMetadataKey, ConsumerGroupMetadataValue } from './03_consumer_group_metadata.ts'
import {
  ConsumerGroupPartitionMetadataKey,
  ConsumerGroupPartitionMetadataValue,
} from './04_consumer_group_partition_metadata.ts'
import {
  ConsumerGroupMemberMetadataKey,
  ConsumerGroupMemberMetadataValue,
} from './05_consumer_group_member_metadata.ts'
import {
  ConsumerGroupTargetAssignmentMetadataKey,
  ConsumerGroupTargetAssignmentMetadataValue,
} from './06_consumer_group_target_assignment_metadata.ts'
import {
  ConsumerGroupTargetAssignmentMemberKey,
  ConsumerGroupTargetAssignmentMemberValue,
} from './07_consumer_group_target_assignment_member.ts'
import {
  ConsumerGroupCurrentMemberAssignmentKey,
  ConsumerGroupCurrentMemberAssignmentValue,
} from './08_consumer_group_current_member_assignment.ts'
import { ShareGroupMemberMetadataKey, ShareGroupMemberMetadataValue } from './10_share_group_member_metadata.ts'
import { ShareGroupMetadataKey, ShareGroupMetadataValue } from './11_share_group_metadata.ts'
import {
  ShareGroupTargetAssignmentMetadataKey,
  ShareGroupTargetAssignmentMetadataValue,
} from './12_share_group_target_assignment_metadata.ts'
import {
  ShareGroupTargetAssignmentMemberKey,
  ShareGroupTargetAssignmentMemberValue,
} from './13_share_group_target_assignment_member.ts'
import {
  ShareGroupCurrentMemberAssignmentKey,
  ShareGroupCurrentMemberAssignmentValue,
} from './14_share_group_current_member_assignment.ts'
import {
  ShareGroupStatePartitionMetadataKey,
  ShareGroupStatePartitionMetadataValue,
} from './15_share_group_state_partition_metadata.ts'
import {
  ConsumerGroupRegularExpressionKey,
  ConsumerGroupRegularExpressionValue,
} from './16_consumer_group_regular_expression.ts'
import { StreamsGroupMetadataKey, StreamsGroupMetadataValue } from './17_streams_group_metadata.ts'
import { StreamsGroupMemberMetadataKey, StreamsGroupMemberMetadataValue } from './19_streams_group_member_metadata.ts'
import {
  StreamsGroupTargetAssignmentMetadataKey,
  StreamsGroupTargetAssignmentMetadataValue,
} from './20_streams_group_target_assignment_metadata.ts'
import {
  StreamsGroupTargetAssignmentMemberKey,
  StreamsGroupTargetAssignmentMemberValue,
} from './21_streams_group_target_assignment_member.ts'
import {
  StreamsGroupCurrentMemberAssignmentKey,
  StreamsGroupCurrentMemberAssignmentValue,
} from './22_streams_group_current_member_assignment.ts'
import { StreamsGroupTopologyKey, StreamsGroupTopologyValue } from './23_streams_group_topology.ts'

export const groupRecords: ReadonlyMap<number, KeyedRecord> = new Map<number, KeyedRecord>([
  [0, { key: LegacyOffsetCommitKey, value: LegacyOffsetCommitValue }],
  [1, { key: OffsetCommitKey, value: OffsetCommitValue }],
  [2, { key: GroupMetadataKey, value: GroupMetadataValue }],
  [3, { key: ConsumerGroupMetadataKey, value: ConsumerGroupMetadataValue }],
  [4, { key: ConsumerGroupPartitionMetadataKey, value: ConsumerGroupPartitionMetadataValue }],
  [5, { key: ConsumerGroupMemberMetadataKey, value: ConsumerGroupMemberMetadataValue }],
  [6, { key: ConsumerGroupTargetAssignmentMetadataKey, value: ConsumerGroupTargetAssignmentMetadataValue }],
  [7, { key: ConsumerGroupTargetAssignmentMemberKey, value: ConsumerGroupTargetAssignmentMemberValue }],
  [8, { key: ConsumerGroupCurrentMemberAssignmentKey, value: ConsumerGroupCurrentMemberAssignmentValue }],
  [10, { key: ShareGroupMemberMetadataKey, value: ShareGroupMemberMetadataValue }],
  [11, { key: ShareGroupMetadataKey, value: ShareGroupMetadataValue }],
  [12, { key: ShareGroupTargetAssignmentMetadataKey, value: ShareGroupTargetAssignmentMetadataValue }],
  [13, { key: ShareGroupTargetAssignmentMemberKey, value: ShareGroupTargetAssignmentMemberValue }],
  [14, { key: ShareGroupCurrentMemberAssignmentKey, value: ShareGroupCurrentMemberAssignmentValue }],
  [15, { key: ShareGroupStatePartitionMetadataKey, value: ShareGroupStatePartitionMetadataValue }],
  [16, { key: ConsumerGroupRegularExpressionKey, value: ConsumerGroupRegularExpressionValue }],
  [17, { key: StreamsGroupMetadataKey, value: StreamsGroupMetadataValue }],
  [19, { key: StreamsGroupMemberMetadataKey, value: StreamsGroupMemberMetadataValue }],
  [20, { key: StreamsGroupTargetAssignmentMetadataKey, value: StreamsGroupTargetAssignmentMetadataValue }],
  [21, { key: StreamsGroupTargetAssignmentMemberKey, value: StreamsGroupTargetAssignmentMemberValue }],
  [22, { key: StreamsGroupCurrentMemberAssignmentKey, value: StreamsGroupCurrentMemberAssignmentValue }],
  [23, { key: StreamsGroupTopologyKey, value: StreamsGroupTopologyValue }],
])
