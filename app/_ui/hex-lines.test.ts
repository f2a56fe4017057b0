import { expect, it } from 'vitest'
import { bytesOfBase64, hexLines } from './hex-lines.ts'

it('sets bytes out with offset, hex and ASCII', () => {
  const bytes = bytesOfBase64(Buffer.from('Hello, Kafka! \u0000\u00ff').toString('base64'))
  expect(hexLines(bytes)).toBe(
    '00000000  48 65 6c 6c 6f 2c 20 4b  61 66 6b 61 21 20 00 c3  Hello, Kafka! ..\n' +
      '00000010  bf                                                .',
  )
})
