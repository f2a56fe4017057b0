/**
 * Every change is a plan first: what stands now, what will stand, who is affected, whether it can be undone. `apply` is the
 * exact input for the procedure that carries the plan out; it holds what the plan was based on, so that applying fails with
 * PLAN_OUTDATED when that has moved in between.
 */
export interface Plan<Apply> {
  /** Procedure that applies it, without "apply": `topics.create`. Also the action in the audit log. */
  readonly action: string
  readonly resource: { readonly type: 'topic' | 'group' | 'broker' | 'cluster' | 'process'; readonly name: string }
  readonly steps: readonly PlanStep[]
  readonly affected: readonly Affected[]
  readonly notes: readonly Note[]
  readonly reversible: boolean
  /** True if the cluster itself has checked the change (`validate_only`, KIP-4). */
  readonly validated: boolean
  readonly apply: Apply
}

/** One line of the difference. `null`: not there before, or not there afterwards. */
export interface PlanStep {
  /** What changes. `replicas`: how many; `assignment`: the brokers of a partition, the preferred leader first. */
  readonly kind:
    | 'topic'
    | 'partitions'
    | 'replicas'
    | 'assignment'
    | 'leader'
    | 'config'
    | 'offset'
    | 'records'
    | 'group'
    | 'process'
    | 'fault'
  /** Which one: a config's name, `orders-3`. */
  readonly subject: string
  readonly before: string | null
  readonly after: string | null
}

export interface Affected {
  readonly type: 'group' | 'topic' | 'partition'
  readonly name: string
  readonly note: Note | null
}

/** A sentence in English with a code and its values, so that the page can say it in its own language. */
export interface Note {
  readonly code: string
  readonly level: 'info' | 'warning' | 'danger'
  readonly values: Readonly<Record<string, string | number>>
  readonly message: string
}

/** What an apply procedure answers. */
export interface Applied {
  readonly auditId: string | null
  readonly message: string
}
