/** Runs of the lab as the store keeps them, the newest hundred of a cluster. */
import { ConsoleError } from '../problems.ts'
import type { KeptRun, Run } from '../shapes/lab.ts'
import type { Store } from '../store/store.ts'

const KEEP = 100

export class KeptRuns {
  constructor(
    private readonly store: () => Store,
    private readonly cluster: string,
  ) {}

  /** In place of what was kept of it before. */
  async keep(run: Run & { summary: NonNullable<Run['summary']> }, startedBy: string): Promise<void> {
    const { cluster } = this
    const db = this.store().db()
    const { head, summary } = run
    const data = {
      id: head.id,
      cluster,
      scenario: head.scenario,
      startedAtMs: BigInt(head.startedAtMs),
      endedAtMs: BigInt(summary.endedAtMs),
      passed: summary.passed,
      seconds: summary.seconds,
      goodSeconds: summary.goodSeconds,
      startedBy,
      run: JSON.stringify(run),
    }
    await db.labRun.upsert({ where: { id: head.id }, create: data, update: data })
    const old = await db.labRun.findMany({
      where: { cluster },
      orderBy: { startedAtMs: 'desc' },
      skip: KEEP,
      select: { id: true },
    })
    if (old.length > 0) await db.labRun.deleteMany({ where: { id: { in: old.map((r) => r.id) } } })
  }

  async list(): Promise<readonly KeptRun[]> {
    const runs = await this.store()
      .db()
      .labRun.findMany({ where: { cluster: this.cluster }, orderBy: { startedAtMs: 'desc' }, omit: { run: true } })
    return runs.map(({ cluster, ...r }) => ({
      ...r,
      startedAtMs: Number(r.startedAtMs),
      endedAtMs: Number(r.endedAtMs),
      seconds: Number(r.seconds),
      goodSeconds: Number(r.goodSeconds),
    }))
  }

  async get(id: string): Promise<Run> {
    const kept = await this.store()
      .db()
      .labRun.findFirst({ where: { id, cluster: this.cluster } })
    if (!kept)
      throw new ConsoleError(
        'NOT_FOUND',
        'There is no such run.',
        'The newest hundred are kept; the list shows which there are.',
      )
    return JSON.parse(kept.run) as Run
  }

  async delete(id: string): Promise<void> {
    await this.store()
      .db()
      .labRun.deleteMany({ where: { id, cluster: this.cluster } })
  }
}
