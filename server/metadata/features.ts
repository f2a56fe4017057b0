/** The features of Kafka 4.3: what a new cluster is finalized at, and which levels a broker of ours understands. */
export const METADATA_VERSION_FEATURE = 'metadata.version'
export const ELIGIBLE_LEADER_REPLICAS = 'eligible.leader.replicas.version'
export const KRAFT_VERSION = 'kraft.version'

interface Feature {
  readonly name: string
  readonly min: number
  readonly max: number
  /** Undefined: not finalized by a record. */
  readonly initial: number | undefined
  /** By level, the metadata.version that it needs. */
  readonly needs?: Readonly<Record<number, number>>
}

export const features: readonly Feature[] = [
  // A folder of Kafka 3.3 or newer can be read; records of what came after 4.3 cannot.
  { name: METADATA_VERSION_FEATURE, min: 7, max: 30, initial: 30 },
  { name: ELIGIBLE_LEADER_REPLICAS, min: 0, max: 1, initial: 1, needs: { 1: 23 } },
  { name: 'group.version', min: 0, max: 1, initial: 1 },
  { name: 'share.version', min: 0, max: 1, initial: 1 },
  { name: 'streams.version', min: 0, max: 1, initial: 1 },
  { name: 'transaction.version', min: 0, max: 2, initial: 2 },
  // Kept in the quorum's own records, not as a FeatureLevelRecord.
  { name: KRAFT_VERSION, min: 0, max: 1, initial: undefined },
]

/** For a broker's registration. */
export const supportedFeatures = () =>
  features.map(({ name, min, max }) => ({ name, minSupportedVersion: min, maxSupportedVersion: max }))
