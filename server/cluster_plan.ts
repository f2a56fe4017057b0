/**
 * What a start has to do to go from the cluster that the folders hold to the one that was asked for. A pure function: `main.ts` looks
 * at the folders, prints the plan and follows it. What moves where is `replica_plan.ts`.
 *
 * One broker is its own controller; with more, the controller is a node of its own, and its folder says so. To one broker and back the
 * metadata log changes hands, which takes a stop of all; brokers beyond the first come and go while the others serve.
 */
import type { Found } from './cluster_folders.ts'

/** Kafka's own numbers for controllers begin there. */
export const CONTROLLER_ID = 3000

/** What is started together. */
export interface Stage {
  /** Node ids. One alone without a controller is its own. */
  readonly brokers: readonly number[]
  readonly controller: boolean
  /** The controller's folder is made from broker 1's metadata log first. */
  readonly takesOver?: boolean
  /** Broker 1 takes the metadata log back from the controller first. */
  readonly givesBack?: boolean
  /** Moves partitions while the brokers serve. */
  readonly resize?: Resize
}

export interface Resize {
  /** Partitions live on these from then on. */
  readonly keep: readonly number[]
  /** Brokers that leave when nothing is on them; what is left of their folders is removed. */
  readonly leave: readonly number[]
  /** Topics that were on all of so many brokers get replicas on the new ones. */
  readonly grownFrom?: number
}

export interface ClusterPlan {
  /** One after the other; the last one is what goes on. */
  readonly stages: readonly Stage[]
  /** For the person who starts us. */
  readonly lines: readonly string[]
}

/** One broker and no more, whatever else is in the folder: its own controller, or one that follows others'. */
export const ALONE: ClusterPlan = { stages: [{ brokers: [1], controller: false }], lines: [] }

/** `brokers` is what was asked for. A string says why that cannot be. */
export function clusterPlan(found: Found, brokers: number): ClusterPlan | string {
  const ids = Array.from({ length: brokers }, (_, i) => i + 1)
  if (!found.controller && brokers === 1) return ALONE
  if (found.firstNodeId !== undefined && found.firstNodeId !== 1) {
    return `The data folder is that of node ${found.firstNodeId}, but the brokers of a cluster are 1 to ${brokers}; use another DATA_DIR, or BROKERS=1.`
  }
  if (!found.controller) {
    const grows = found.firstNodeId !== undefined
    return {
      stages: [
        {
          brokers: ids,
          controller: true,
          ...(grows && { takesOver: true, resize: { keep: ids, leave: [], grownFrom: 1 } }),
        },
      ],
      lines: grows ? [`The data here is of one broker; ${named(ids.slice(1))} and a controller join it.`] : [],
    }
  }
  const known = [1, ...found.others]
  const leave = known.filter((id) => id > brokers)
  const join = ids.filter((id) => !known.includes(id))
  // A growth that was given up is no longer one when the cluster has become smaller than it was then.
  const pending = found.grownFrom === undefined ? undefined : Math.min(found.grownFrom, known.length)
  const grownFrom = pending ?? (join.length > 0 ? known.length : undefined)
  if (brokers === 1) {
    const resize = { keep: [1], leave }
    return {
      stages: [
        { brokers: known, controller: true, resize },
        { brokers: ids, controller: false, givesBack: true },
      ],
      lines: [
        leave.length === 0
          ? 'The data here is of one broker and a controller: it takes the metadata back, and then goes on alone.'
          : `The data here is of ${number(known.length)}: they are started, all partitions move to broker 1, and then it goes on alone.`,
      ],
    }
  }
  const raises = grownFrom !== undefined && grownFrom < brokers
  const changes = leave.length > 0 || raises
  return {
    stages: [
      {
        brokers: [...new Set([...ids, ...known])].sort((a, b) => a - b),
        controller: true,
        ...(changes && { resize: { keep: ids, leave, ...(raises && { grownFrom }) } }),
      },
    ],
    lines: [
      ...(leave.length > 0
        ? [
            `The data here is of ${number(known.length)}: all partitions of ${named(leave)} move to the others, and then ${leave.length > 1 ? 'they leave' : 'it leaves'}.`,
          ]
        : []),
      ...(join.length > 0
        ? [
            `The data here is of ${number(known.length)}; ${named(join)} ${join.length > 1 ? 'join' : 'joins'} ${known.length > 1 ? 'them' : 'it'}.`,
          ]
        : []),
    ],
  }
}

const number = (brokers: number): string => (brokers === 1 ? 'one broker' : `${brokers} brokers`)

/** "broker 4", "brokers 2 and 3". */
export function named(ids: readonly number[]): string {
  if (ids.length === 1) return `broker ${ids[0]}`
  return `brokers ${ids.slice(0, -1).join(', ')} and ${ids.at(-1)}`
}
