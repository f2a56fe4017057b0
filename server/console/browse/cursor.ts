/**
 * Where a page ended, in a string that any later request may bring back: direction and, for each partition, the range that
 * is left. Nothing is remembered on the server.
 */
import { z } from 'zod'
import { ConsoleError } from '../problems.ts'

export type Direction = 'forward' | 'backward'

/** What is left of a partition: [low, high). Null is open: its start, or its end, at the time of reading. */
export interface Rest {
  readonly partition: number
  readonly low: number | null
  readonly high: number | null
}
export interface Cursor {
  readonly direction: Direction
  readonly rests: readonly Rest[]
}

const offset = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullable()
const wire = z.object({
  d: z.enum(['f', 'b']),
  p: z
    .array(z.tuple([z.number().int().min(0), offset, offset]))
    .min(1)
    .max(100_000),
})

export const encodeCursor = (c: Cursor): string =>
  Buffer.from(
    JSON.stringify({ d: c.direction === 'forward' ? 'f' : 'b', p: c.rests.map((r) => [r.partition, r.low, r.high]) }),
  ).toString('base64url')

/** Throws INVALID: it came in through a URL. */
export function decodeCursor(text: string): Cursor {
  let json: unknown
  try {
    json = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    json = undefined
  }
  const parsed = wire.safeParse(json)
  if (!parsed.success) {
    throw new ConsoleError(
      'INVALID',
      'The link’s position cannot be read.',
      'Start again from the newest or the oldest record.',
    )
  }
  return {
    direction: parsed.data.d === 'f' ? 'forward' : 'backward',
    rests: parsed.data.p.map(([partition, low, high]) => ({ partition, low, high })),
  }
}
