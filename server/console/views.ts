/** Saved views: a page's URL under a name. Saving under a name that exists replaces it. */
import { randomUUID } from 'node:crypto'
import type { Actor } from './audit.ts'
import type { ViewsService } from './service.ts'
import type { SavedViewRow, SaveViewInput } from './shapes/view.ts'
import type { SavedView } from './store/generated/client.ts'
import type { Store } from './store/store.ts'

export class Views implements ViewsService {
  constructor(
    private readonly store: () => Store,
    private readonly cluster: string,
    private readonly nowMs: () => number,
  ) {}

  readonly list = async (page: string | null): Promise<readonly SavedViewRow[]> => {
    const views = await this.store()
      .db()
      .savedView.findMany({
        where: { cluster: this.cluster, ...(page !== null && { page }) },
        orderBy: [{ page: 'asc' }, { name: 'asc' }],
      })
    return views.map(rowOf)
  }

  readonly save = async ({ page, name, url }: SaveViewInput, actor: Actor): Promise<SavedViewRow> => {
    const { cluster } = this
    const view = await this.store()
      .db()
      .savedView.upsert({
        where: { cluster_page_name: { cluster, page, name } },
        update: { url },
        create: { id: randomUUID(), cluster, page, name, url, createdBy: actor.who, createdAtMs: BigInt(this.nowMs()) },
      })
    return rowOf(view)
  }

  readonly delete = async (id: string): Promise<void> => {
    await this.store()
      .db()
      .savedView.deleteMany({ where: { id, cluster: this.cluster } })
  }
}

const rowOf = (v: SavedView): SavedViewRow => ({
  id: v.id,
  name: v.name,
  page: v.page,
  url: v.url,
  createdBy: v.createdBy,
  createdAtMs: Number(v.createdAtMs),
})
