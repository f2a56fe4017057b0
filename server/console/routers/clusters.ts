/** Which clusters there are and what they can do; the overview; the search over names. */
import { onCluster, searchInput } from '../shapes/cluster.ts'
import { onClusterProcedure, procedure, router } from '../trpc.ts'

export const clusters = router({
  list: procedure.query(({ ctx }) => ctx.console.clusters()),
  get: onClusterProcedure()
    .input(onCluster)
    .query(({ ctx }) => ctx.cluster.detail()),
})

export const overview = router({
  get: onClusterProcedure()
    .input(onCluster)
    .query(({ ctx }) => ctx.cluster.overview()),
  live: onClusterProcedure()
    .input(onCluster)
    .subscription(async function* ({ ctx, signal }) {
      yield* ctx.cluster.overviewLive(signal!)
    }),
})

export const search = onClusterProcedure()
  .input(searchInput)
  .query(({ ctx, input }) => ctx.cluster.search(input.text, input.limit))
