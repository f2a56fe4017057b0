/** Deleting and purging, one topic or many, as requests for the plan dialog. */
import type { PlanRequest } from '../../../_ui/plan-dialog.tsx'
import type { Inputs, useTRPCClient } from '../../../_ui/trpc.tsx'
import type { messages } from './messages.ts'

interface Args {
  client: ReturnType<typeof useTRPCClient>
  cluster: string
  names: readonly string[]
  m: (typeof messages)['en']
  done(): void
}

export function deleteRequest({ client, cluster, names, m, done }: Args): PlanRequest<Inputs['topics']['applyDelete']> {
  const one = names.length === 1
  const n = String(names.length)
  return {
    title: one ? m.deleteOne(names[0]!) : m.deleteMany(n),
    verb: m.delete,
    danger: true,
    confirm: one ? names[0]! : m.confirmDelete(n),
    make: () => few(names, (topic) => client.topics.planDelete.mutate({ cluster, topic })),
    apply: (input) => client.topics.applyDelete.mutate(input),
    said: m.deleted(n),
    done,
  }
}

export function purgeRequest({ client, cluster, names, m, done }: Args): PlanRequest<Inputs['topics']['applyPurge']> {
  const one = names.length === 1
  const n = String(names.length)
  return {
    title: one ? m.purgeOne(names[0]!) : m.purgeMany(n),
    verb: m.purge,
    danger: true,
    confirm: one ? names[0]! : m.confirmPurge(n),
    make: () =>
      few(names, (topic) =>
        client.topics.planPurge.mutate({ cluster, topic, partitions: null, before: { kind: 'end' } }),
      ),
    apply: (input) => client.topics.applyPurge.mutate(input),
    said: m.purged,
    done,
  }
}

/** A few at a time: a bulk action does not flood the brokers. */
async function few<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let at = 0; at < items.length; at += 8) results.push(...(await Promise.all(items.slice(at, at + 8).map(work))))
  return results
}
