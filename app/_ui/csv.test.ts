import { expect, it } from 'vitest'
import { toCsv } from './csv.ts'

it('writes RFC 4180: CRLF, quotes doubled, null empty and the empty text quoted', () => {
  expect(
    toCsv(
      ['a', 'b'],
      [
        ['x,"y"', null],
        ['', 'line\nbreak'],
        [1, -2.5],
      ],
    ),
  ).toBe('a,b\r\n"x,""y""",\r\n"","line\nbreak"\r\n1,-2.5\r\n')
})

it('keeps spreadsheets from taking a text for a formula, and leaves numbers alone', () => {
  expect(toCsv(['k'], [['=1+1'], ['@cmd'], ['+x'], ['-x'], ['\tx'], ['-5'], [-5]])).toBe(
    "k\r\n'=1+1\r\n'@cmd\r\n'+x\r\n'-x\r\n'\tx\r\n-5\r\n-5\r\n",
  )
})
