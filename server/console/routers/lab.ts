/** The cluster lab. */
import { Metadata } from '../../protocol/messages/03_metadata.ts'
import { CreateTopics } from '../../protocol/messages/19_create_topics.ts'
import { DeleteTopics } from '../../protocol/messages/20_delete_topics.ts'
import { onCluster } from '../shapes/cluster.ts'
import { applyAct, applyFaults, applyStart, planAct, planFaults, planStart, runInput } from '../shapes/lab.ts'
import { onClusterProcedure, router } from '../trpc.ts'

// Nothing is asked of the cluster first where processes are acted on: it may be silent, and that is what the lab is for.
export const lab = router({
  state: onClusterProcedure()
    .input(onCluster)
    .query(({ ctx }) => ctx.cluster.lab.state()),
  live: onClusterProcedure()
    .input(onCluster)
    .subscription(async function* ({ ctx, signal }) {
      yield* ctx.cluster.lab.live(signal!)
    }),
  planAct: onClusterProcedure()
    .input(planAct)
    .mutation(({ ctx, input }) => ctx.cluster.lab.planAct(input)),
  applyAct: onClusterProcedure()
    .input(applyAct)
    .mutation(({ ctx, input }) => ctx.cluster.lab.applyAct(input, ctx.actor)),
  planFaults: onClusterProcedure()
    .input(planFaults)
    .mutation(({ ctx, input }) => ctx.cluster.lab.planFaults(input)),
  applyFaults: onClusterProcedure()
    .input(applyFaults)
    .mutation(({ ctx, input }) => ctx.cluster.lab.applyFaults(input, ctx.actor)),
  planStart: onClusterProcedure(Metadata, CreateTopics, DeleteTopics)
    .input(planStart)
    .mutation(({ ctx, input }) => ctx.cluster.lab.planStart(input)),
  applyStart: onClusterProcedure(Metadata, CreateTopics, DeleteTopics)
    .input(applyStart)
    .mutation(({ ctx, input }) => ctx.cluster.lab.applyStart(input, ctx.actor)),
  stop: onClusterProcedure()
    .input(onCluster)
    .mutation(({ ctx }) => ctx.cluster.lab.stop()),
  runs: onClusterProcedure()
    .input(onCluster)
    .query(({ ctx }) => ctx.cluster.lab.runs()),
  run: onClusterProcedure()
    .input(runInput)
    .query(({ ctx, input }) => ctx.cluster.lab.run(input.id)),
  deleteRun: onClusterProcedure()
    .input(runInput)
    .mutation(({ ctx, input }) => ctx.cluster.lab.deleteRun(input.id)),
})
