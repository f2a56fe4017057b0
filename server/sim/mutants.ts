/**
 * The broker, broken on purpose, so that every judge is seen to convict. What is broken lies in its surroundings or is replaced
 * from outside while a world runs: the code on trial has no switch for it.
 */
import type { DiskOptions } from '../env/sim_disk.ts'
import { RecordBatch } from '../records/batch.ts'

export interface Mutant {
  readonly disk?: Partial<DiskOptions>
  /** acks=all does not wait for the disk: what `weir.acks.all.sync=false` asks for. */
  readonly syncAcksAll?: boolean
  /** Replaces code; returns what puts it back. */
  readonly install?: () => () => void
}

function replaceGetter<T>(prototype: T, name: keyof T, get: (this: T) => unknown): () => void {
  const before = Object.getOwnPropertyDescriptor(prototype, name)!
  Object.defineProperty(prototype, name, { ...before, get })
  return () => Object.defineProperty(prototype, name, before)
}

export const mutants: Record<string, Mutant> = {
  'the disk lies about syncs': { disk: { syncLies: true } },
  'acks=all is answered before the sync': { syncAcksAll: false },
  'recovery believes every checksum': { install: () => replaceGetter(RecordBatch.prototype, 'isValid', () => true) },
}
