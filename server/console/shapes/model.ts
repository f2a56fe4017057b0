/** What the models' page starts from: the live cluster's figures for the formulas' inputs, and what was measured. */
import { z } from 'zod'
import type { InputName } from '../models/inputs.ts'
import { onCluster } from './cluster.ts'

export const modelInputsInput = onCluster.extend({
  /** Null: the cluster's topics together. */
  topic: z.string().max(249).nullable().default(null),
  windowMs: z.number().int().min(5_000).max(3_600_000).default(60_000),
})
export type ModelInputsInput = z.infer<typeof modelInputsInput>

export interface ModelInputs {
  readonly atMs: number
  readonly windowMs: number
  readonly topic: string | null
  /** Where an input came from: counted in metadata, sampled over the window, configured, or assumed for want of a figure. */
  readonly inputs: Readonly<
    Record<InputName, { readonly value: number; readonly from: 'metadata' | 'sampled' | 'config' | 'assumed' }>
  >
  readonly measured: Measured
}

/** The same moment, measured. Null where nothing was measured (no traffic, or the probe is off). */
export interface Measured {
  readonly recordsInPerSecond: number | null
  readonly bytesInPerSecond: number | null
  readonly recordsOutPerSecond: number | null
  readonly bytesOutPerSecond: number | null
  readonly sizeBytes: number | null
  readonly latencyP50Ms: number | null
  readonly latencyP99Ms: number | null
  /** Share of the window's one-second slots, from 0 to 1. */
  readonly availability: number | null
  readonly probe: ProbeState
}

/**
 * The probe writes one record a second with acks=all to every partition of `__weir_probe` and fetches it. It is off until
 * someone turns it on, because it writes to the cluster.
 */
export interface ProbeState {
  readonly running: boolean
  readonly topic: string
  readonly partitions: number
  readonly samples: number
  readonly problem: string | null
}
export const probeInput = onCluster.extend({ on: z.boolean() })
export type ProbeInput = z.infer<typeof probeInput>
