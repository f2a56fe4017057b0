import { expect, test } from 'vitest'
import { type Basis, inputNames, readHeld, writeHeld } from './held.ts'

const basis: Basis = {
  atMs: 1_700_000_000_000,
  windowMs: 60_000,
  measured: {
    recordsInPerSecond: 106.1386627,
    bytesInPerSecond: 16_300.76824,
    recordsOutPerSecond: 0,
    bytesOutPerSecond: null,
    sizeBytes: 323_183,
    latencyP50Ms: 0.42,
    latencyP99Ms: null,
    availability: 1,
  },
  inputs: Object.fromEntries(
    inputNames.map((name, i) => [name, { value: i * 1.5, from: i % 2 ? 'sampled' : 'assumed' }]),
  ) as Basis['inputs'],
}

test('what was held is read back as it was', () => {
  expect(readHeld(writeHeld(basis))).toEqual(basis)
})

test('an address that was cut or changed holds nothing', () => {
  const parts = writeHeld(basis)
  expect(readHeld(parts.slice(1))).toBeNull()
  expect(readHeld(['x', ...parts.slice(1)])).toBeNull()
  expect(readHeld([...parts.slice(0, -1), '12'])).toBeNull()
  expect(readHeld([])).toBeNull()
})
