/** Brokers: list, configs, log dirs. */
import { DescribeConfigs } from '../../protocol/messages/32_describe_configs.ts'
import { DescribeLogDirs } from '../../protocol/messages/35_describe_log_dirs.ts'
import { brokerInput } from '../shapes/broker.ts'
import { onCluster } from '../shapes/cluster.ts'
import { onClusterProcedure, router } from '../trpc.ts'

export const brokers = router({
  list: onClusterProcedure()
    .input(onCluster)
    .query(({ ctx }) => ctx.cluster.brokers.list()),
  configs: onClusterProcedure(DescribeConfigs)
    .input(brokerInput)
    .query(({ ctx, input }) => ctx.cluster.brokers.configs(input)),
  logDirs: onClusterProcedure(DescribeLogDirs)
    .input(brokerInput)
    .query(({ ctx, input }) => ctx.cluster.brokers.logDirs(input)),
})
