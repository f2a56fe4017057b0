/**
 * UpdateFeatures (57): finalizes features at other levels, all that the request names or none (KIP-584, KIP-1022). A level may
 * fall only where the request says so, and metadata.version only over levels between which no record has changed: what a lower
 * one cannot hold would be lost. A feature is only as high as every registered broker and this controller support, and has what it
 * depends on. Other controllers have no vote, and nothing ever removes their registrations: Kafka's would hold the features back for ever.
 */
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import type { UpdateFeatures } from '../../protocol/messages/57_update_features.ts'
import type { Infer, Input } from '../../protocol/schema.ts'
import type { ControllerContext, MetadataCommand } from '../context.ts'
import { ELIGIBLE_LEADER_REPLICAS, features, KRAFT_VERSION, METADATA_VERSION_FEATURE } from '../features.ts'
import { type MetadataImage, resourceType } from '../image.ts'
import { type MetadataRecord, metadataRecord } from '../record_codec.ts'
import { changedBetween } from '../record_versions.ts'
import { MIN_INSYNC_REPLICAS } from './effective_configs.ts'
import { forgetEligibleReplicas } from './min_insync_replicas.ts'

type Request = Infer<typeof UpdateFeatures.request>
type Response = Input<typeof UpdateFeatures.response>
type Update = Request['featureUpdates'][number]

/** Version 0 says `allowDowngrade` instead, to which Kafka has not listened since KRaft: there every update is an upgrade. */
const upgradeType = { upgrade: 1, safeDowngrade: 2, unsafeDowngrade: 3 } as const

export const updateFeatures =
  (request: Request, context: ControllerContext): MetadataCommand<Response> =>
  (image) => {
    // Named twice, the last one counts.
    const updates = new Map(request.featureUpdates.map((u) => [u.feature, u]))
    const after = new Map(image.features)
    for (const { feature, maxVersionLevel } of updates.values()) after.set(feature, maxVersionLevel)
    for (const update of updates.values()) check(image, update, after, context)
    const records = [...updates.values()].flatMap((update) => recordsOf(image, update, context))
    const results = [...updates.keys()].map((feature) => ({ feature, errorCode: errorCode.NONE, errorMessage: 'NONE' }))
    return {
      records: request.validateOnly ? [] : records,
      reply: { throttleTimeMs: 0, errorCode: errorCode.NONE, errorMessage: null, results },
    }
  }

const levelOf = (image: MetadataImage, feature: string): number =>
  feature === KRAFT_VERSION ? image.kraftVersion : (image.features.get(feature) ?? 0)

function check(
  image: MetadataImage,
  update: Update,
  after: ReadonlyMap<string, number>,
  { settings }: ControllerContext,
): void {
  const { feature, maxVersionLevel: level, upgradeType: type } = update
  const refuse = (why: string): never => {
    throw new KafkaError('INVALID_UPDATE_VERSION', `${feature} cannot be ${level}: ${why}`)
  }
  const known = features.find((f) => f.name === feature) ?? refuse('there is no such feature.')
  if (!Object.values(upgradeType).some((known) => known === type)) refuse(`${type} is no way to change a level.`)
  if (level < 0) refuse('a level cannot be negative.')
  if (level < known.min || level > known.max) refuse(`supported here are ${known.min} to ${known.max}.`)
  const own = image.controllers.get(settings.nodeId)
  const nodes = [
    ...[...image.brokers.values()].map((b) => ({ name: `broker ${b.brokerId}`, features: b.features })),
    ...(own === undefined ? [] : [{ name: `controller ${own.controllerId}`, features: own.features }]),
  ]
  for (const node of nodes) {
    const range = node.features.find((f) => f.name === feature)
    const [min, max] = [range?.minSupportedVersion ?? 0, range?.maxSupportedVersion ?? 0]
    if (level < min || level > max) refuse(`${node.name} supports ${min} to ${max}.`)
  }
  const before = levelOf(image, feature)
  if (level < before && type === upgradeType.upgrade) {
    refuse(`it is ${before}, and the request asks for an upgrade, not for a safe or unsafe downgrade.`)
  }
  if (level > before && type !== upgradeType.upgrade) refuse(`it is ${before}, and the request asks for a downgrade.`)
  if (feature === METADATA_VERSION_FEATURE && level < before && changedBetween(level, before)) {
    refuse(`records have changed since ${level}, and what only newer ones can hold would be lost.`)
  }
  if (feature === KRAFT_VERSION && level > before) {
    refuse('the voters of this quorum are a fixed list, which this release does not turn into one that can change.')
  }
  if (feature === KRAFT_VERSION && level < before) refuse(`it is ${before}, and does not go back.`)
  const needs = known.needs?.[level]
  if (needs !== undefined && (after.get(METADATA_VERSION_FEATURE) ?? 0) < needs) {
    refuse(`it needs ${METADATA_VERSION_FEATURE} ${needs} or newer.`)
  }
}

function recordsOf(image: MetadataImage, update: Update, { settings }: ControllerContext): MetadataRecord[] {
  const { feature, maxVersionLevel: featureLevel } = update
  if (feature === KRAFT_VERSION) return []
  const level = metadataRecord('FeatureLevelRecord', { name: feature, featureLevel })
  const before = levelOf(image, feature)
  if (feature !== ELIGIBLE_LEADER_REPLICAS || featureLevel === before) return [level]
  if (featureLevel > before) return [level, ...settleMinInsyncReplicas(image, settings.minInsyncReplicas)]
  return [level, ...forgetEligibleReplicas(image)]
}

/** With eligible leader replicas the controller must know min.insync.replicas: one for the cluster, none for single brokers. */
function settleMinInsyncReplicas(image: MetadataImage, configured: number): MetadataRecord[] {
  const record = (resourceName: string, value: string | null) =>
    metadataRecord('ConfigRecord', {
      resourceType: resourceType.broker,
      resourceName,
      name: MIN_INSYNC_REPLICAS,
      value,
    })
  const known = image.configsOf(resourceType.broker, '').has(MIN_INSYNC_REPLICAS)
  const own = [...(image.configs.get(resourceType.broker) ?? [])].filter(
    ([name, values]) => name !== '' && values.has(MIN_INSYNC_REPLICAS),
  )
  return [...(known ? [] : [record('', String(configured))]), ...own.map(([name]) => record(name, null))]
}
