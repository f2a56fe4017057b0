/** Consumer groups: list, one, lag over time, reset and delete as plan and apply. */
import { OffsetCommit } from '../../protocol/messages/08_offset_commit.ts'
import { OffsetFetch } from '../../protocol/messages/09_offset_fetch.ts'
import { DescribeGroups } from '../../protocol/messages/15_describe_groups.ts'
import { ListGroups } from '../../protocol/messages/16_list_groups.ts'
import { DeleteGroups } from '../../protocol/messages/42_delete_groups.ts'
import * as shape from '../shapes/group.ts'
import { onClusterProcedure, router } from '../trpc.ts'

export const groups = router({
  list: onClusterProcedure(ListGroups)
    .input(shape.groupListInput)
    .query(({ ctx, input }) => ctx.cluster.groups.list(input)),
  get: onClusterProcedure(DescribeGroups, [OffsetFetch, 2])
    .input(shape.groupInput)
    .query(({ ctx, input }) => ctx.cluster.groups.get(input)),
  live: onClusterProcedure(DescribeGroups, [OffsetFetch, 2])
    .input(shape.groupInput)
    .subscription(async function* ({ ctx, input, signal }) {
      yield* ctx.cluster.groups.live(input, signal!)
    }),
  lagHistory: onClusterProcedure()
    .input(shape.lagHistoryInput)
    .query(({ ctx, input }) => ctx.cluster.groups.lagHistory(input)),

  planReset: onClusterProcedure([OffsetFetch, 2], [OffsetCommit, 2])
    .input(shape.resetInput)
    .mutation(({ ctx, input }) => ctx.cluster.groups.planReset(input)),
  applyReset: onClusterProcedure([OffsetFetch, 2], [OffsetCommit, 2])
    .input(shape.applyResetInput)
    .mutation(({ ctx, input }) => ctx.cluster.groups.applyReset(input, ctx.actor)),

  planDelete: onClusterProcedure(DeleteGroups)
    .input(shape.groupInput)
    .mutation(({ ctx, input }) => ctx.cluster.groups.planDelete(input)),
  applyDelete: onClusterProcedure(DeleteGroups)
    .input(shape.applyDeleteGroupInput)
    .mutation(({ ctx, input }) => ctx.cluster.groups.applyDelete(input, ctx.actor)),
})
