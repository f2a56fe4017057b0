/** The audit log: every change, who made it, what stood before and after, and whether it went through. */
import { randomUUID } from 'node:crypto'
import { ConsoleError, problemOf } from './problems.ts'
import type { AuditInput, AuditPage, AuditRow, Json } from './shapes/audit.ts'
import type { Applied, Plan } from './shapes/plan.ts'
import type { AuditEntry, Prisma } from './store/generated/client.ts'
import type { Store } from './store/store.ts'

export interface Actor {
  readonly who: string
  readonly sourceIp: string | null
}

export interface Change {
  readonly action: string
  readonly resource: Plan<unknown>['resource']
  readonly before: Json
  readonly after: Json
}

export class AuditLog {
  constructor(
    private readonly store: () => Store,
    private readonly cluster: string,
    private readonly nowMs: () => number,
    private readonly warn: (message: string) => void,
  ) {}

  /**
   * Runs a change and writes down what came of it; what it throws is written down and thrown on. `run` says in a sentence
   * what was done, and may know better than the plan what stands afterwards.
   */
  async record(
    actor: Actor,
    change: Change,
    run: () => Promise<string | { message: string; after: Json }>,
  ): Promise<Applied> {
    let done: string | { message: string; after: Json }
    try {
      done = await run()
    } catch (error) {
      await this.write(actor, change, problemOf(error).message)
      throw error
    }
    const { message, after } = typeof done === 'string' ? { message: done, after: change.after } : done
    return { auditId: await this.write(actor, { ...change, after }, null), message }
  }

  /** The change has happened (or failed) by now: a log that cannot be written must not hide that. Null: not written. */
  private async write(actor: Actor, change: Change, error: string | null): Promise<string | null> {
    if (this.store().problem) return null
    const id = randomUUID()
    const data = {
      id,
      cluster: this.cluster,
      atMs: BigInt(this.nowMs()),
      who: actor.who,
      sourceIp: actor.sourceIp,
      action: change.action,
      resourceType: change.resource.type,
      resourceName: change.resource.name,
      before: JSON.stringify(change.before),
      after: JSON.stringify(change.after),
      outcome: error === null ? 'applied' : 'failed',
      error,
    }
    try {
      await this.store().db().auditEntry.create({ data })
      return id
    } catch (e) {
      this.warn(`The audit log could not be written: ${(e as Error).message}`)
      return null
    }
  }

  async list(input: Omit<AuditInput, 'cluster'>): Promise<AuditPage> {
    const where: Prisma.AuditEntryWhereInput = {
      cluster: this.cluster,
      ...(input.resourceType !== null && { resourceType: input.resourceType }),
      ...(input.resourceName !== null && { resourceName: input.resourceName }),
      ...(input.outcome !== null && { outcome: input.outcome }),
      ...(input.search !== '' && {
        OR: [
          { resourceName: { contains: input.search } },
          { action: { contains: input.search } },
          { who: { contains: input.search } },
        ],
      }),
    }
    const db = this.store().db()
    const [entries, total] = await Promise.all([
      db.auditEntry.findMany({
        where,
        orderBy: [{ atMs: 'desc' }, { id: 'desc' }],
        skip: (input.page - 1) * input.perPage,
        take: input.perPage,
      }),
      db.auditEntry.count({ where }),
    ])
    return { rows: entries.map(rowOf), total }
  }

  /** One entry, for a link to it. Throws NOT_FOUND. */
  async get(id: string): Promise<AuditRow> {
    const entry = await this.store()
      .db()
      .auditEntry.findFirst({ where: { id, cluster: this.cluster } })
    if (!entry) throw new ConsoleError('NOT_FOUND', 'There is no such entry in the audit log.')
    return rowOf(entry)
  }

  /** The newest; none while the store is unavailable. */
  async recent(count: number): Promise<readonly AuditRow[]> {
    if (this.store().problem) return []
    return (
      await this.list({ search: '', resourceType: null, resourceName: null, outcome: null, page: 1, perPage: count })
    ).rows
  }
}

/** A plan as the log keeps it: subject → value, before and after. */
export function changeOf(plan: Plan<unknown>): Change {
  const side = (which: 'before' | 'after'): Json =>
    plan.steps.map((step) => ({ kind: step.kind, subject: step.subject, value: step[which] }))
  return { action: plan.action, resource: plan.resource, before: side('before'), after: side('after') }
}

const rowOf = (e: AuditEntry): AuditRow => ({
  id: e.id,
  atMs: Number(e.atMs),
  who: e.who,
  sourceIp: e.sourceIp,
  action: e.action,
  resourceType: e.resourceType,
  resourceName: e.resourceName,
  before: JSON.parse(e.before) as Json,
  after: JSON.parse(e.after) as Json,
  outcome: e.outcome === 'applied' ? 'applied' : 'failed',
  error: e.error,
})
