/** Brokers: list, the controllers behind them, configs and changes to them, log dirs. */
import { DescribeConfigs } from '../../protocol/messages/32_describe_configs.ts'
import { DescribeLogDirs } from '../../protocol/messages/35_describe_log_dirs.ts'
import { IncrementalAlterConfigs } from '../../protocol/messages/44_incremental_alter_configs.ts'
import { DescribeQuorum } from '../../protocol/messages/55_describe_quorum.ts'
import { alterBrokerConfigInput, applyAlterBrokerConfigInput, brokerInput } from '../shapes/broker.ts'
import { onCluster } from '../shapes/cluster.ts'
import { onClusterProcedure, router } from '../trpc.ts'

export const brokers = router({
  list: onClusterProcedure()
    .input(onCluster)
    .query(({ ctx }) => ctx.cluster.brokers.list()),
  quorum: onClusterProcedure(DescribeQuorum)
    .input(onCluster)
    .query(({ ctx }) => ctx.cluster.brokers.quorum()),
  configs: onClusterProcedure(DescribeConfigs)
    .input(brokerInput)
    .query(({ ctx, input }) => ctx.cluster.brokers.configs(input)),
  logDirs: onClusterProcedure(DescribeLogDirs)
    .input(brokerInput)
    .query(({ ctx, input }) => ctx.cluster.brokers.logDirs(input)),

  planAlterConfig: onClusterProcedure(IncrementalAlterConfigs, DescribeConfigs)
    .input(alterBrokerConfigInput)
    .mutation(({ ctx, input }) => ctx.cluster.brokers.planAlterConfig(input)),
  applyAlterConfig: onClusterProcedure(IncrementalAlterConfigs, DescribeConfigs)
    .input(applyAlterBrokerConfigInput)
    .mutation(({ ctx, input }) => ctx.cluster.brokers.applyAlterConfig(input, ctx.actor)),
})
