/** Writes what `otlp.ts` reads: for tests. */
type Bytes = Buffer

const varint = (n: number): Bytes => {
  const out: number[] = []
  for (; n > 127; n = Math.floor(n / 128)) out.push((n % 128) | 128)
  return Buffer.from([...out, n])
}
const bytes = (field: number, value: Bytes): Bytes =>
  Buffer.concat([varint(field * 8 + 2), varint(value.length), value])
const text = (field: number, value: string): Bytes => bytes(field, Buffer.from(value))
const number = (field: number, value: number): Bytes => Buffer.concat([varint(field * 8), varint(value)])
const double = (field: number, value: number): Bytes => {
  const b = Buffer.alloc(8)
  b.writeDoubleLE(value)
  return Buffer.concat([varint(field * 8 + 1), b])
}
const fixed = (field: number, value: bigint): Bytes => {
  const b = Buffer.alloc(8)
  b.writeBigInt64LE(value)
  return Buffer.concat([varint(field * 8 + 1), b])
}

export const attribute = (key: string, value: string | number): Bytes =>
  Buffer.concat([text(1, key), bytes(2, typeof value === 'string' ? text(1, value) : number(3, value))])

interface NumberPoint {
  readonly value: number | bigint
  readonly attributes?: readonly Bytes[]
}
const point = ({ value, attributes = [] }: NumberPoint): Bytes =>
  bytes(
    1,
    Buffer.concat([
      fixed(3, 1_700_000_000_000_000_000n),
      typeof value === 'bigint' ? fixed(6, value) : double(4, value),
      ...attributes.map((a) => bytes(7, a)),
    ]),
  )
const metric = (name: string, field: number, data: Bytes): Bytes =>
  Buffer.concat([text(1, name), text(3, '1'), bytes(field, data)])

export const gauge = (name: string, points: readonly NumberPoint[]): Bytes =>
  metric(name, 5, Buffer.concat(points.map(point)))
export const sum = (name: string, points: readonly NumberPoint[], { delta }: { delta: boolean }): Bytes =>
  metric(name, 7, Buffer.concat([...points.map(point), number(2, delta ? 1 : 2), number(3, 1)]))
export const histogram = (name: string, { count, sum }: { count: bigint; sum: number }): Bytes =>
  metric(name, 9, Buffer.concat([bytes(1, Buffer.concat([fixed(4, count), double(5, sum)])), number(2, 2)]))

export const metricsData = (metrics: readonly Bytes[]): Bytes =>
  bytes(1, bytes(2, Buffer.concat(metrics.map((m) => bytes(2, m)))))
