/** How many members groups have: asked of the coordinators in the background while somebody wants to know. */
import type { ListedGroup } from '../../client/admin/groups.ts'
import type { Client } from '../../client/client.ts'
import type { Clock } from '../../env/env.ts'

/** Answers are good for so long. */
const FRESH_MS = 5_000
/** The first time, and no longer, somebody waits. */
const FIRST_WAIT_MS = 1_000
/** In one request. */
const GROUPS_AT_ONCE = 100
/** Such groups have none: that need not be asked. */
const WITHOUT_MEMBERS = new Set(['Empty', 'Dead'])

export class GroupMembers {
  private known: ReadonlyMap<string, number> = new Map()
  private atMs = -Infinity
  private asking: Promise<void> | undefined

  constructor(
    private readonly clock: Pick<Clock, 'monotonic' | 'after'>,
    private readonly client: Client,
    private readonly listed: () => readonly ListedGroup[],
  ) {}

  /** As of the last answer; without groups that could not be asked. */
  async get(): Promise<ReadonlyMap<string, number>> {
    if (this.clock.monotonic() - this.atMs >= FRESH_MS) {
      this.asking ??= this.ask().finally(() => {
        this.asking = undefined
      })
    }
    if (this.atMs === -Infinity && this.asking) {
      let cancel = () => {}
      const late = new Promise<void>((resolve) => {
        cancel = this.clock.after(FIRST_WAIT_MS, resolve)
      })
      await Promise.race([this.asking, late])
      cancel()
    }
    return this.known
  }

  /** Never rejects: what cannot be asked is not known. */
  private async ask(): Promise<void> {
    const found = new Map<string, number>()
    const live: string[] = []
    for (const { groupId, state } of this.listed()) {
      if (state !== null && WITHOUT_MEMBERS.has(state)) found.set(groupId, 0)
      else live.push(groupId)
    }
    for (let i = 0; i < live.length; i += GROUPS_AT_ONCE) {
      const answers = await this.client.admin.describeGroups(live.slice(i, i + GROUPS_AT_ONCE)).catch(() => [])
      for (const g of answers) if (!g.error) found.set(g.groupId, g.members.length)
    }
    this.known = found
    this.atMs = this.clock.monotonic()
  }
}
