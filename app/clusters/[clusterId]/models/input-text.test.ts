import { expect, test } from 'vitest'
import { parseInput, type Unit } from './input-text.ts'

const check = (text: string, unit: Unit, value: number | undefined) =>
  test(`${JSON.stringify(text)} in ${unit} is ${value}`, () => expect(parseInput(text, unit)).toBe(value))

check('1024', 'B', 1024)
check('1,073,741,824', 'B', 1_073_741_824)
check('1.5 KiB', 'B', 1536)
check('1 kB', 'B', 1000)
check('1k', 'B', 1024)
check('1 GiB', 'B', 1_073_741_824)
check('100 MB/s', 'B/s', 100_000_000)
check('1 Gbit/s', 'B/s', 125_000_000)
check('250 ms', 's', 0.25)
check('2 min', 's', 120)
check('2.5', '1', 2.5)
check('12k', 'messages/s', 12_000)
check('1e3', 'messages/s', 1000)
check('3 msg/s', 'messages/s', 3)
check('-1', '1', -1)
check('−1', '1', -1)
check('', 'B', undefined)
check('ten', '1', undefined)
check('5 s', 'B', undefined)
check('5 KiB', 's', undefined)
