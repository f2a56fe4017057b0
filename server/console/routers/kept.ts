/** What only the console knows: the audit log and saved views. */
import { auditEntryInput, auditInput } from '../shapes/audit.ts'
import { saveViewInput, viewInput, viewListInput } from '../shapes/view.ts'
import { onClusterProcedure, router } from '../trpc.ts'

export const audit = router({
  list: onClusterProcedure()
    .input(auditInput)
    .query(({ ctx, input }) => ctx.cluster.audit.list(input)),
  get: onClusterProcedure()
    .input(auditEntryInput)
    .query(({ ctx, input }) => ctx.cluster.audit.get(input.id)),
})

export const views = router({
  list: onClusterProcedure()
    .input(viewListInput)
    .query(({ ctx, input }) => ctx.cluster.views.list(input.page)),
  save: onClusterProcedure()
    .input(saveViewInput)
    .mutation(({ ctx, input }) => ctx.cluster.views.save(input, ctx.actor)),
  delete: onClusterProcedure()
    .input(viewInput)
    .mutation(({ ctx, input }) => ctx.cluster.views.delete(input.id)),
})
