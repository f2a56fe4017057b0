/**
 * BrokerRegistration (62): a broker, or a new life of it, makes itself known; it stays fenced until it asks otherwise by
 * heartbeat. Its epoch is the offset of the record (KIP-631). What the life before had in sync counts no more; where that ended
 * unclean, it is eligible for nothing either (KIP-966).
 */
import { duplicates } from '../../lib/duplicates.ts'
import { type ErrorName, KafkaError } from '../../protocol/errors.ts'
import type { BrokerRegistration } from '../../protocol/messages/62_broker_registration.ts'
import type { Infer } from '../../protocol/schema.ts'
import type { ControllerContext, MetadataCommand } from '../context.ts'
import { MAX_RECORDS_PER_REQUEST } from '../context.ts'
import { isReserved } from '../directory_id.ts'
import type { MetadataImage, PartitionImage } from '../image.ts'
import { type MetadataRecord, metadataRecord } from '../record_codec.ts'
import { recordVersion, withDirectories } from '../record_versions.ts'
import type { LiveBrokers } from './broker_heartbeat.ts'
import { newTerm } from './change_partition.ts'
import { AGAIN, isAlone, oneBatch, partitionChanges, withoutBroker, withoutBrokersRecords } from './leadership.ts'

type Request = Infer<typeof BrokerRegistration.request>

export interface Registered {
  readonly brokerEpoch: number
  /** Of one that is alone and whose life before ended without a clean stop: it leads on, in new terms. See `beginNewTerms`. */
  readonly terms: readonly Term[]
}

export const registerBroker =
  (
    request: Request,
    { settings }: ControllerContext,
    { sessions, endOffset }: LiveBrokers,
  ): MetadataCommand<Registered | typeof AGAIN> =>
  (image) => {
    const { brokerId, incarnationId } = request
    if (request.clusterId !== settings.clusterId) {
      throw new KafkaError(
        'INCONSISTENT_CLUSTER_ID',
        `Broker ${brokerId} belongs to cluster ${request.clusterId}; this one is ${settings.clusterId}.`,
      )
    }
    const known = image.brokers.get(brokerId)
    const sameLife = known?.incarnationId === incarnationId
    if (!sameLife && sessions.isAlive(brokerId)) {
      throw new KafkaError(
        'DUPLICATE_BROKER_REGISTRATION',
        `Another process is broker ${brokerId} and alive: give each its own node.id, or stop the other one.`,
      )
    }
    checkDirectories(image, request)
    checkFeatures(image, request)
    const isClean = known !== undefined && request.previousBrokerEpoch === known.brokerEpoch
    const alone = isAlone(image, brokerId)
    const { records, more } = oneBatch(consequences())
    if (more) return { records, reply: AGAIN }
    const brokerEpoch = sameLife ? known.brokerEpoch : endOffset() + records.length
    const data = {
      brokerId,
      isMigratingZkBroker: false,
      incarnationId,
      brokerEpoch,
      endPoints: request.listeners,
      features: request.features,
      rack: request.rack,
      fenced: sameLife ? known.fenced : true,
      inControlledShutdown: sameLife ? known.inControlledShutdown : false,
      logDirs: withDirectories(image) ? request.logDirs : [],
      cordonedLogDirs: null,
    }
    records.push(
      metadataRecord('RegisterBrokerRecord', data, recordVersion('RegisterBrokerRecord', image.metadataVersion)),
    )
    return {
      records,
      reply: { brokerEpoch, terms: alone && !sameLife && !isClean ? termsOf(image, brokerId) : [] },
      change: () => {
        if (!sameLife) sessions.end(brokerId)
      },
    }

    function* consequences(): Generator<MetadataRecord> {
      if (sameLife) return
      if (known === undefined) {
        // What still names it may have been lost. And where the only other broker is away, it matters from now on who leads.
        const isAway = (id: number) => id >= 0 && !image.isActive(id)
        const goes = (p: PartitionImage, id: number) => id === brokerId || (id === p.leader && isAway(id))
        yield* partitionChanges(
          image,
          settings,
          (p) => p.isr.includes(brokerId) || p.eligibleLeaderReplicas.includes(brokerId) || isAway(p.leader),
          (p) => ({ isr: p.isr.filter((id) => !goes(p, id)), uncleanlyStopped: brokerId }),
        )
      } else if (isClean) {
        if (!alone) yield* withoutBroker(image, settings, brokerId)
      } else {
        yield* withoutBrokersRecords(image, settings, brokerId, (p) => !alone || p.leader !== brokerId)
      }
    }
  }

/** A partition, as it was when somebody looked. */
export interface Term {
  readonly topicId: string
  readonly partitionId: number
  readonly leaderEpoch: number
}

/**
 * Partitions that the broker leads begin a new term: what it had not synced is gone, and a reader who had seen it finds out by the
 * epoch (KIP-320). The reply is what is left of `terms` for the next batch.
 */
export const beginNewTerms =
  (brokerId: number, terms: readonly Term[]): MetadataCommand<readonly Term[]> =>
  (image) => {
    const records = terms.slice(0, MAX_RECORDS_PER_REQUEST).flatMap(({ topicId, partitionId, leaderEpoch }) => {
      const topic = image.topicById(topicId)
      const p = topic?.partitions[partitionId]
      // Between two batches others decide, too.
      return p?.leader === brokerId && p.leaderEpoch === leaderEpoch ? newTerm(image, topic!, p) : []
    })
    return { records, reply: terms.slice(MAX_RECORDS_PER_REQUEST) }
  }

const termsOf = (image: MetadataImage, brokerId: number): Term[] =>
  [...image.topics.values()].flatMap(({ topicId, partitions }) =>
    partitions
      .filter((p) => p.leader === brokerId)
      .map(({ partitionId, leaderEpoch }) => ({ topicId, partitionId, leaderEpoch })),
  )

function checkDirectories(image: MetadataImage, { brokerId, logDirs }: Request): void {
  if (!withDirectories(image)) return
  const refuse = (why: string): never => {
    throw new KafkaError('INVALID_REGISTRATION' satisfies ErrorName, `Broker ${brokerId} cannot register: ${why}`)
  }
  if (logDirs.length === 0) refuse('it names no log directory.')
  const reserved = logDirs.find(isReserved)
  if (reserved !== undefined) refuse(`${reserved} is an id that stands for no directory.`)
  const [twice] = duplicates(logDirs)
  if (twice !== undefined) refuse(`it names the log directory ${twice} twice.`)
  const given = new Set(logDirs)
  for (const other of image.brokers.values()) {
    const shared = other.brokerId === brokerId ? undefined : other.logDirs.find((id) => given.has(id))
    if (shared !== undefined) {
      refuse(`broker ${other.brokerId} has the log directory ${shared}; a copied folder needs an id of its own.`)
    }
  }
}

function checkFeatures(image: MetadataImage, { brokerId, features }: Request): void {
  for (const [name, level] of image.features) {
    const range = features.find((f) => f.name === name)
    const min = range?.minSupportedVersion ?? 0
    const max = range?.maxSupportedVersion ?? 0
    if (level < min || level > max) {
      throw new KafkaError(
        'UNSUPPORTED_VERSION',
        `The cluster uses ${name} at level ${level}; broker ${brokerId} supports ${min} to ${max}.`,
      )
    }
  }
}
