/** What is broken lies around the controller, so that its code is the code that runs. Each names the judge who has to notice. */
import type { ControllerSettings } from '../context.ts'
import type { MetadataController } from '../controller.ts'
import { MetadataImage, type PartitionImage } from '../image.ts'

export interface Mutant {
  readonly judge: RegExp
  readonly settings?: Partial<ControllerSettings>
  /** Returns what ends it. */
  install?(): () => void
  /** Gives the controller as brokers and clients reach it. */
  controller?(good: MetadataController): MetadataController
}

/** What commands look at. */
const decidedOf = (controller: MetadataController): MetadataImage =>
  (controller as unknown as { decided: MetadataImage }).decided

const seeing =
  (change: (decided: MetadataImage) => void) =>
  (good: MetadataController): MetadataController => {
    change(decidedOf(good))
    return good
  }

/** The controller, but for some methods. */
const but = (change: (good: MetadataController) => Partial<MetadataController>) => (good: MetadataController) =>
  Object.assign(Object.create(good), change(good)) as MetadataController

export const mutants: Record<string, Mutant> = {
  'takes fenced brokers for running': {
    judge: /does not run|lacks records/,
    controller: seeing((decided) => {
      decided.isActive = (id) => decided.brokers.has(id)
    }),
  },
  'never ends a session': { judge: /silent/, settings: { brokerSessionTimeoutMs: 1e9 } },
  'keeps everyone eligible for ever': {
    judge: /lacks records/,
    controller: seeing((decided) => {
      const good = decided.configsOf.bind(decided)
      decided.configsOf = (type, name) => new Map([...good(type, name), ['min.insync.replicas', '99']])
    }),
  },
  'takes every end for a clean one': {
    judge: /lacks records/,
    controller: but((good) => ({
      registerBroker: (request) => {
        const known = decidedOf(good).brokers.get(request.brokerId)
        return good.registerBroker({ ...request, previousBrokerEpoch: known?.brokerEpoch ?? -1 })
      },
    })),
  },
  'takes proposals for states that have passed': {
    judge: /another state/,
    controller: but((good) => ({
      alterPartition: (request) => {
        const decided = decidedOf(good)
        const topics = request.topics.map((t) => ({
          ...t,
          partitions: t.partitions.map((p) => {
            const now = decided.topicById(t.topicId)?.partitions[p.partitionIndex]
            return now?.leader === request.brokerId ? { ...p, ...epochs(now) } : p
          }),
        }))
        return good.alterPartition({ ...request, topics })
      },
    })),
  },
  'asks nobody which life is in sync': {
    judge: /a life that is over|lacks records/,
    controller: but((good) => ({
      alterPartition: (request) => {
        const topics = request.topics.map((t) => ({
          ...t,
          partitions: t.partitions.map((p) => ({
            ...p,
            newIsrWithEpochs: p.newIsrWithEpochs.map((m) => ({ ...m, brokerEpoch: -1 })),
          })),
        }))
        return good.alterPartition({ ...request, topics })
      },
    })),
  },
  'fences without electing': {
    judge: /does not run/,
    controller: but((good) => ({
      brokerLost: async (brokerId, brokerEpoch) => {
        const decided = decidedOf(good)
        const { topics } = decided
        ;(decided as { topics: unknown }).topics = new Map()
        const done = good.brokerLost(brokerId, brokerEpoch)
        ;(decided as { topics: unknown }).topics = topics
        await done
      },
    })),
  },
  'lets brokers stop while they lead': {
    judge: /while it leads/,
    controller: but((good) => ({
      brokerHeartbeat: async (request) =>
        request.wantShutDown
          ? { throttleTimeMs: 0, errorCode: 0, isCaughtUp: true, isFenced: true, shouldShutDown: true }
          : good.brokerHeartbeat(request),
    })),
  },
  'gives a new leader no epoch of its own': { judge: /two leaders/, install: () => keepingEpochs(() => true) },
  'takes replicas away within an epoch': {
    judge: /within an epoch/,
    install: () => keepingEpochs(({ leader }, before) => leader === before.leader),
  },
  'forgets who is eligible when the log is read again': {
    judge: /differs from its snapshot/,
    install: () =>
      patched(
        (apply) =>
          function (this: MetadataImage, record, at) {
            if (record.name === 'PartitionRecord') record.data.eligibleLeaderReplicas = null
            apply.call(this, record, at)
          },
      ),
  },
}

type Apply = MetadataImage['apply']

/** Every image applies records like this, until the function returned is called. */
function patched(change: (good: Apply) => Apply): () => void {
  const good = MetadataImage.prototype.apply
  MetadataImage.prototype.apply = change(good)
  return () => {
    MetadataImage.prototype.apply = good
  }
}

/** Changes of a leader that `concerns` picks leave the leader epoch as it was. */
const keepingEpochs = (concerns: (after: PartitionImage, before: PartitionImage) => boolean) =>
  patched(
    (apply) =>
      function (this: MetadataImage, record, at) {
        const change = record.name === 'PartitionChangeRecord' ? record.data : undefined
        const of = () =>
          change && (this.topicById(change.topicId)?.partitions as Mutable[] | undefined)?.[change.partitionId]
        const before = of()
        apply.call(this, record, at)
        const after = of()
        if (before && after && concerns(after, before)) after.leaderEpoch = before.leaderEpoch
      },
  )

type Mutable = { -readonly [K in keyof PartitionImage]: PartitionImage[K] }

const epochs = ({ leaderEpoch, partitionEpoch }: { leaderEpoch: number; partitionEpoch: number }) => ({
  leaderEpoch,
  partitionEpoch,
})
