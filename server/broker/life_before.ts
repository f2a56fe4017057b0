/**
 * Of the life of a broker before this one: had it lost anything that it had told others it has? After a clean stop it had not, as the marker
 * in its folder says. Nor when only its process was ended: what it has written the system still has. Who has seen that end says so here, as no
 * file could: after the power was lost there would be one as well. Kafka takes every end but a clean one for a loss (KIP-966), and so may elect
 * a broker that did lose something before one that was only killed.
 */
import type { LogDirs } from '../log/log_dirs.ts'

/** What a broker tells while it lives. */
export interface LifeTold {
  readonly brokerEpoch: number
  /** Of its log dirs. Others in their place know nothing of that life. */
  readonly directoryIds: readonly string[]
}

/** The epoch of the life before, for the registration of this one; -1 if it is not known that nothing was lost. */
export function previousEpoch(
  logs: Pick<LogDirs, 'previousBrokerEpoch' | 'unusable' | 'all'>,
  before?: LifeTold,
): number {
  if (logs.previousBrokerEpoch >= 0 || !before || logs.unusable.length > 0) return logs.previousBrokerEpoch
  const found = new Set(logs.all.map((d) => d.directoryId))
  return before.directoryIds.every((id) => found.has(id)) ? before.brokerEpoch : -1
}
