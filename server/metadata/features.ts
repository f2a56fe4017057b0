/** The features of Kafka 4.3: what a new cluster is finalized at, and which levels a broker of ours understands. */
export const features = [
  // A folder of Kafka 3.3 or newer can be read; records of what came after 4.3 cannot.
  { name: 'metadata.version', min: 7, max: 30, initial: 30 },
  { name: 'eligible.leader.replicas.version', min: 0, max: 1, initial: 1 },
  { name: 'group.version', min: 0, max: 1, initial: 1 },
  { name: 'share.version', min: 0, max: 1, initial: 1 },
  { name: 'streams.version', min: 0, max: 1, initial: 1 },
  { name: 'transaction.version', min: 0, max: 2, initial: 2 },
  // Kept in the quorum's own records, not as a FeatureLevelRecord.
  { name: 'kraft.version', min: 0, max: 1, initial: undefined },
] as const

/** For a broker's registration. */
export const supportedFeatures = () =>
  features.map(({ name, min, max }) => ({ name, minSupportedVersion: min, maxSupportedVersion: max }))
