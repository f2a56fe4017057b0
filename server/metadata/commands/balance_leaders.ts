/**
 * What the controller looks after by itself, some partitions a round: leadership goes back to preferred replicas that are in sync
 * again, and partitions that nobody leads get a leader that may lack records where their topic allows it.
 */
import type { ControllerContext, MetadataCommand } from '../context.ts'
import type { MetadataRecord } from '../record_codec.ts'
import { NO_LEADER } from './change_partition.ts'
import { uncleanElectionAllowed } from './effective_configs.ts'
import { partitionChanges } from './leadership.ts'

/** Elections a round: so many brokers and clients have to follow them. */
export const MAX_ELECTIONS_PER_ROUND = 1000

/** Replies whether there may be more to do. */
export const balanceLeaders =
  ({ settings }: ControllerContext): MetadataCommand<boolean> =>
  (image) =>
    round(
      partitionChanges(
        image,
        settings,
        (p) => p.leader !== p.replicas[0],
        () => ({ election: 'preferred' }),
      ),
    )

/** Replies whether there may be more to do. */
export const electUncleanly =
  ({ settings }: ControllerContext): MetadataCommand<boolean> =>
  (image) =>
    round(
      partitionChanges(
        image,
        settings,
        (p, topic) => p.leader === NO_LEADER && uncleanElectionAllowed(image, settings, topic.name),
        () => ({ election: 'unclean' }),
      ),
    )

function round(changes: Iterable<MetadataRecord>): { records: MetadataRecord[]; reply: boolean } {
  const records: MetadataRecord[] = []
  for (const record of changes) {
    if (records.length === MAX_ELECTIONS_PER_ROUND) return { records, reply: true }
    records.push(record)
  }
  return { records, reply: false }
}
