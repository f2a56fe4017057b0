import { describe, expect, test } from 'vitest'
import { IdleCollection } from './collect_when_idle.ts'

const MiB = 1024 * 1024

/** Looks every two seconds at what is given: processor time taken since the last look, and the heap. */
function check(looks: [cpuMs: number, oldMiB: number][]): string {
  const collection = new IdleCollection()
  let cpuMs = 0
  return looks
    .map(([more, oldMiB], i) => {
      cpuMs += more
      const look = { nowMs: i * 2000, cpuMs, oldBytes: oldMiB * MiB }
      if (!collection.isDue(look)) return '-'
      collection.collected({ ...look, oldBytes: 20 * MiB })
      return 'collects'
    })
    .join(' ')
}

describe('an idle broker', () => {
  test('collects what has piled up, not more often than every ten seconds', () => {
    const looks = [30, 35, 40, 45, 50, 55, 60].map((mib): [number, number] => [100, mib])
    expect(check(looks)).toBe('- collects - - - - collects')
  })
  test('does not collect while it is busy', () => {
    expect(check([30, 35, 40].map((mib) => [500, mib]))).toBe('- - -')
  })
  test('leaves little alone', () => {
    expect(check([0, 24, 25, 25, 25, 25, 25, 27].map((mib) => [10, mib]))).toBe('- collects - - - - - collects')
  })
  test('leaves a large heap to the collector that works step by step', () => {
    expect(check([300, 300].map((mib) => [10, mib]))).toBe('- -')
  })
})
