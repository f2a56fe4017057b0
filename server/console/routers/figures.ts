/** Series for charts, live figures, and what the models' page starts from. */
import { Metadata } from '../../protocol/messages/03_metadata.ts'
import { liveInput, seriesInput } from '../shapes/metric.ts'
import { modelInputsInput, probeInput } from '../shapes/model.ts'
import { topicInput } from '../shapes/topic.ts'
import { onClusterProcedure, router } from '../trpc.ts'

export const metrics = router({
  series: onClusterProcedure()
    .input(seriesInput)
    .query(({ ctx, input }) => ctx.cluster.metrics.series(input)),
  live: onClusterProcedure()
    .input(liveInput)
    .subscription(async function* ({ ctx, input, signal }) {
      yield* ctx.cluster.metrics.live(input, signal!)
    }),
  /** Start and end offsets of one topic, sent when they move. */
  offsetsLive: onClusterProcedure()
    .input(topicInput)
    .subscription(async function* ({ ctx, input, signal }) {
      yield* ctx.cluster.metrics.offsetsLive(input.topic, signal!)
    }),
})

export const models = router({
  inputs: onClusterProcedure(Metadata)
    .input(modelInputsInput)
    .query(({ ctx, input }) => ctx.cluster.models.inputs(input)),
  /** Turns the probe on or off: it writes to the cluster, so it is off until someone asks. */
  probe: onClusterProcedure()
    .input(probeInput)
    .mutation(({ ctx, input }) => ctx.cluster.models.probe(input, ctx.actor)),
})
