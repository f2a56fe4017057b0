/**
 * The cluster, broken on purpose, so that the judges are seen to convict. What is broken is replaced from outside while a world runs: the
 * code on trial has no switch for it. Elections and their rules have mutants of their own beside the controller's simulation.
 */
import { MetadataImage } from '../../metadata/image.ts'
import type { MetadataRecord } from '../../metadata/record_codec.ts'
import { LeaderState, type Moment } from '../../replication/leader_state.ts'
import { Partition } from '../../replication/partition.ts'
import { PartitionLookups } from '../../replication/partition_lookups.ts'
import { method } from '../replace.ts'
import type { ClusterMutant } from './cluster_judges.ts'
import { SupervisorMemory } from './supervisor_memory.ts'

export const clusterMutants: Record<string, ClusterMutant> = {
  'acks=all waits for nobody else': {
    judge: 'an acknowledged record is where it was acknowledged',
    seed: 2,
    install: method(LeaderState, 'replicatedTo', () => (at: Moment) => at.logEndOffset),
  },
  'a leader does not say where the logs part': {
    judge: 'replicas in sync are equal, byte for byte',
    seed: 20,
    install: method(PartitionLookups, 'divergence', () => () => undefined),
  },
  'a follower believes of the high watermark whatever its leader says': {
    judge: 'the epoch and the high watermark of a replica never go back',
    seed: 4,
    install: method(
      Partition,
      'moveHighWatermark',
      (original) =>
        function (this: Partition, to: number) {
          if (!this.isLeader) (this as unknown as { highWatermarkOffset: number }).highWatermarkOffset = to
          return original.call(this, to)
        },
    ),
  },
  'a new leader goes on in the old epoch': {
    judge: 'an epoch has one leader',
    seed: 2,
    install: method(
      MetadataImage,
      'apply',
      (original) =>
        function (this: MetadataImage, record: MetadataRecord, at: object) {
          const find = () =>
            record.name === 'PartitionChangeRecord'
              ? this.topicById(record.data.topicId)?.partitions[record.data.partitionId]
              : undefined
          const before = find()?.leaderEpoch
          original.call(this, record, at)
          const after = find() as { leaderEpoch: number } | undefined
          if (after && before !== undefined) after.leaderEpoch = before
        },
    ),
  },
  'a loss of power is taken for a kill': {
    judge: 'an acknowledged record is where it was acknowledged',
    seed: 336,
    install: method(SupervisorMemory, 'endOf', () => () => {}),
  },
}
