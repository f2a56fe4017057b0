/** The features of a cluster as ApiVersions tells them: what this program understands, and what the cluster is finalized at. */
import { features, KRAFT_VERSION } from './features.ts'
import type { MetadataImage } from './image.ts'

export interface Features {
  readonly supported: readonly { name: string; minVersion: number; maxVersion: number }[]
  readonly finalized: readonly { name: string; maxVersionLevel: number; minVersionLevel: number }[]
  /** Offset of the last metadata record, -1 before the first. */
  readonly epoch: number
}

export function featuresOf(image: MetadataImage): Features {
  const levels = [...image.features, [KRAFT_VERSION, image.kraftVersion] as const]
  const finalized = levels.flatMap(([name, level]) =>
    level > 0 ? [{ name, maxVersionLevel: level, minVersionLevel: level }] : [],
  )
  return {
    supported: features.map(({ name, min, max }) => ({ name, minVersion: min, maxVersion: max })),
    finalized,
    epoch: image.nextOffset - 1,
  }
}
