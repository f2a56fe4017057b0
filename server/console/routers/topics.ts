/** Topics: list, one, and every change as plan and apply. */
import { Metadata } from '../../protocol/messages/03_metadata.ts'
import { CreateTopics } from '../../protocol/messages/19_create_topics.ts'
import { DeleteTopics } from '../../protocol/messages/20_delete_topics.ts'
import { DeleteRecords } from '../../protocol/messages/21_delete_records.ts'
import { DescribeConfigs } from '../../protocol/messages/32_describe_configs.ts'
import { CreatePartitions } from '../../protocol/messages/37_create_partitions.ts'
import { IncrementalAlterConfigs } from '../../protocol/messages/44_incremental_alter_configs.ts'
import { onCluster } from '../shapes/cluster.ts'
import * as shape from '../shapes/topic.ts'
import { onClusterProcedure, router } from '../trpc.ts'

export const topics = router({
  list: onClusterProcedure()
    .input(shape.topicListInput)
    .query(({ ctx, input }) => ctx.cluster.topics.list(input)),
  get: onClusterProcedure(Metadata)
    .input(shape.topicInput)
    .query(({ ctx, input }) => ctx.cluster.topics.get(input)),
  configs: onClusterProcedure(DescribeConfigs)
    .input(shape.topicInput)
    .query(({ ctx, input }) => ctx.cluster.topics.configs(input)),
  groups: onClusterProcedure(Metadata)
    .input(shape.topicInput)
    .query(({ ctx, input }) => ctx.cluster.topics.groups(input)),
  configSchema: onClusterProcedure()
    .input(onCluster)
    .query(({ ctx }) => ctx.cluster.topics.configSchema()),

  planCreate: onClusterProcedure(CreateTopics)
    .input(shape.createTopicInput)
    .mutation(({ ctx, input }) => ctx.cluster.topics.planCreate(input)),
  applyCreate: onClusterProcedure(CreateTopics)
    .input(shape.applyCreateTopicInput)
    .mutation(({ ctx, input }) => ctx.cluster.topics.applyCreate(input, ctx.actor)),

  planAlterConfigs: onClusterProcedure(IncrementalAlterConfigs, DescribeConfigs)
    .input(shape.alterConfigsInput)
    .mutation(({ ctx, input }) => ctx.cluster.topics.planAlterConfigs(input)),
  applyAlterConfigs: onClusterProcedure(IncrementalAlterConfigs, DescribeConfigs)
    .input(shape.applyAlterConfigsInput)
    .mutation(({ ctx, input }) => ctx.cluster.topics.applyAlterConfigs(input, ctx.actor)),

  planIncreasePartitions: onClusterProcedure(CreatePartitions)
    .input(shape.increasePartitionsInput)
    .mutation(({ ctx, input }) => ctx.cluster.topics.planIncreasePartitions(input)),
  applyIncreasePartitions: onClusterProcedure(CreatePartitions)
    .input(shape.applyIncreasePartitionsInput)
    .mutation(({ ctx, input }) => ctx.cluster.topics.applyIncreasePartitions(input, ctx.actor)),

  planPurge: onClusterProcedure(DeleteRecords)
    .input(shape.purgeInput)
    .mutation(({ ctx, input }) => ctx.cluster.topics.planPurge(input)),
  applyPurge: onClusterProcedure(DeleteRecords)
    .input(shape.applyPurgeInput)
    .mutation(({ ctx, input }) => ctx.cluster.topics.applyPurge(input, ctx.actor)),

  planDelete: onClusterProcedure(DeleteTopics)
    .input(shape.deleteTopicInput)
    .mutation(({ ctx, input }) => ctx.cluster.topics.planDelete(input)),
  applyDelete: onClusterProcedure(DeleteTopics)
    .input(shape.applyDeleteTopicInput)
    .mutation(({ ctx, input }) => ctx.cluster.topics.applyDelete(input, ctx.actor)),
})
