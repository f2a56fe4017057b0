/** Replicas and leaders of partitions: what is under way, and every change as plan and apply. */
import { ElectLeaders } from '../../protocol/messages/43_elect_leaders.ts'
import { AlterPartitionReassignments } from '../../protocol/messages/45_alter_partition_reassignments.ts'
import { ListPartitionReassignments } from '../../protocol/messages/46_list_partition_reassignments.ts'
import * as shape from '../shapes/replicas.ts'
import { onClusterProcedure, router } from '../trpc.ts'

export const replicas = router({
  ongoing: onClusterProcedure(ListPartitionReassignments)
    .input(shape.reassignmentsInput)
    .query(({ ctx, input }) => ctx.cluster.replicas.ongoing(input)),

  planElect: onClusterProcedure([ElectLeaders, 1])
    .input(shape.electInput)
    .mutation(({ ctx, input }) => ctx.cluster.replicas.planElect(input)),
  applyElect: onClusterProcedure([ElectLeaders, 1])
    .input(shape.applyElectInput)
    .mutation(({ ctx, input }) => ctx.cluster.replicas.applyElect(input, ctx.actor)),

  planReassign: onClusterProcedure(AlterPartitionReassignments, ListPartitionReassignments)
    .input(shape.reassignInput)
    .mutation(({ ctx, input }) => ctx.cluster.replicas.planReassign(input)),
  applyReassign: onClusterProcedure(AlterPartitionReassignments, ListPartitionReassignments)
    .input(shape.applyReassignInput)
    .mutation(({ ctx, input }) => ctx.cluster.replicas.applyReassign(input, ctx.actor)),

  planCancel: onClusterProcedure(AlterPartitionReassignments, ListPartitionReassignments)
    .input(shape.reassignmentsInput)
    .mutation(({ ctx, input }) => ctx.cluster.replicas.planCancel(input)),
  applyCancel: onClusterProcedure(AlterPartitionReassignments, ListPartitionReassignments)
    .input(shape.applyCancelInput)
    .mutation(({ ctx, input }) => ctx.cluster.replicas.applyCancel(input, ctx.actor)),
})
