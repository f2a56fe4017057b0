/** Deleting groups, one or many, as a request for the plan dialog. */
import { shownName } from '../../../_ui/paths.ts'
import type { PlanRequest } from '../../../_ui/plan-dialog.tsx'
import type { Inputs, useTRPCClient } from '../../../_ui/trpc.tsx'
import type { messages } from './messages.ts'

interface Args {
  client: ReturnType<typeof useTRPCClient>
  cluster: string
  groupIds: readonly string[]
  m: (typeof messages)['en']
  done(): void
}

const atOnce = 8

export function deleteRequest({
  client,
  cluster,
  groupIds,
  m,
  done,
}: Args): PlanRequest<Inputs['groups']['applyDelete']> {
  const only = groupIds.length === 1 ? shownName(groupIds[0]!) : undefined
  const n = String(groupIds.length)
  return {
    title: only === undefined ? m.deleteMany(n) : m.deleteOne(only),
    verb: m.delete,
    danger: true,
    confirm: only ?? m.confirmDelete(n),
    async make() {
      const plans = []
      for (let at = 0; at < groupIds.length; at += atOnce) {
        const some = groupIds.slice(at, at + atOnce)
        plans.push(...(await Promise.all(some.map((groupId) => client.groups.planDelete.mutate({ cluster, groupId })))))
      }
      // Of many, the groups: which offset belongs to which would not be told.
      return only === undefined
        ? plans.map((plan) => ({ ...plan, steps: plan.steps.filter((step) => step.kind === 'group') }))
        : plans
    },
    blocked: (plans) => plans.some((plan) => plan.notes.some((note) => note.code === 'group-active')),
    apply: (input) => client.groups.applyDelete.mutate(input),
    said: m.deleted(n),
    done,
  }
}
