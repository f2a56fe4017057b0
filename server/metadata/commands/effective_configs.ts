/**
 * What of a topic's settings decides elections, as the controller sees it: the topic's own, else the controller's node's, else the
 * cluster's, else what the controller was started with.
 */
import type { ControllerSettings } from '../context.ts'
import { ELIGIBLE_LEADER_REPLICAS } from '../features.ts'
import { type MetadataImage, resourceType } from '../image.ts'

export const MIN_INSYNC_REPLICAS = 'min.insync.replicas'
export const UNCLEAN_ELECTION = 'unclean.leader.election.enable'

/** Are eligible leader replicas in use (KIP-966)? */
export const elrInUse = (image: MetadataImage): boolean => (image.features.get(ELIGIBLE_LEADER_REPLICAS) ?? 0) > 0

const effective = (image: MetadataImage, { nodeId }: ControllerSettings, topic: string, name: string) =>
  image.configsOf(resourceType.topic, topic).get(name) ??
  image.configsOf(resourceType.broker, String(nodeId)).get(name) ??
  image.configsOf(resourceType.broker, '').get(name)

export function minInsyncReplicasOf(image: MetadataImage, settings: ControllerSettings, topic: string): number {
  const value = Number(effective(image, settings, topic, MIN_INSYNC_REPLICAS))
  // No text, or one that never passed our checks.
  return Number.isInteger(value) && value >= 1 ? value : settings.minInsyncReplicas
}

export function uncleanElectionAllowed(image: MetadataImage, settings: ControllerSettings, topic: string): boolean {
  const value = effective(image, settings, topic, UNCLEAN_ELECTION)
  return value === undefined ? settings.uncleanLeaderElectionEnable : value.trim().toLowerCase() === 'true'
}
