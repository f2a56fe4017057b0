/** Reading and writing records. */
import { tracked } from '@trpc/server'
import { Produce } from '../../protocol/messages/00_produce.ts'
import { Fetch } from '../../protocol/messages/01_fetch.ts'
import { ListOffsets } from '../../protocol/messages/02_list_offsets.ts'
import { browseInput, produceInput, recordInput } from '../shapes/record.ts'
import { onClusterProcedure, router } from '../trpc.ts'

export const messages = router({
  /** Events are tracked by position (see BrowseEvent): an interrupted live stream goes on where it stopped. */
  browse: onClusterProcedure([Fetch, 4], [ListOffsets, 1])
    .input(browseInput)
    .subscription(async function* ({ ctx, input, signal }) {
      for await (const { id, ...event } of ctx.cluster.messages.browse(input, signal!)) yield tracked(id, event)
    }),
  get: onClusterProcedure([Fetch, 4])
    .input(recordInput)
    .query(({ ctx, input }) => ctx.cluster.messages.get(input)),
  produce: onClusterProcedure([Produce, 3])
    .input(produceInput)
    .mutation(({ ctx, input }) => ctx.cluster.messages.produce(input, ctx.actor)),
})
