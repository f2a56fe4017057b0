import { describe, expect, it } from 'vitest'
import { codec } from './codec.ts'
import {
  correlationIdOf,
  decodeRequestHeader,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  FrameReader,
} from './frame.ts'
import { Fetch } from './messages/01_fetch.ts'
import { Metadata } from './messages/03_metadata.ts'
import { ApiVersions } from './messages/18_api_versions.ts'
import { MalformedError } from './wire.ts'

const frame = (text: string) => {
  const size = Buffer.alloc(4)
  size.writeInt32BE(text.length)
  return Buffer.concat([size, Buffer.from(text)])
}
const texts = (frames: Buffer[]) => frames.map(String)

describe('FrameReader', () => {
  it('returns all frames of a chunk, and an empty one too', () => {
    const reader = new FrameReader(100)
    expect(texts(reader.push(Buffer.concat([frame('one'), frame(''), frame('three')])))).toEqual(['one', '', 'three'])
  })

  it('puts frames together that arrive byte by byte', () => {
    const reader = new FrameReader(100)
    const stream = Buffer.concat([frame('one'), frame(''), frame('three')])
    expect(texts([...stream].flatMap((b) => reader.push(Buffer.from([b]))))).toEqual(['one', '', 'three'])
  })

  it('gives the same frames wherever the stream is cut', () => {
    const stream = Buffer.concat([frame('one'), frame('two'), frame('three')])
    for (let a = 0; a <= stream.length; a++) {
      for (let b = a; b <= stream.length; b++) {
        const reader = new FrameReader(100)
        const parts = [stream.subarray(0, a), stream.subarray(a, b), stream.subarray(b)]
        expect(texts(parts.flatMap((p) => reader.push(p)))).toEqual(['one', 'two', 'three'])
      }
    }
  })

  it('copies nothing of a frame that lies in one chunk', () => {
    const chunk = frame('whole')
    const [whole] = new FrameReader(100).push(chunk)
    chunk[4] = 'W'.charCodeAt(0)
    expect(String(whole)).toBe('Whole')
  })

  it('keeps no more memory than has arrived, whatever a frame claims', () => {
    const reader = new FrameReader(2 ** 31 - 1)
    reader.push(Buffer.from([0x7f, 0xff, 0xff, 0xff, 1, 2, 3]))
    expect(reader.buffered).toBe(3)
    expect((reader as any).part.length).toBeLessThanOrEqual(64 * 1024)
  })

  it('puts a large frame together from many small chunks', () => {
    const reader = new FrameReader(2 ** 20)
    const text = 'x'.repeat(300_000)
    const stream = frame(text)
    const frames: Buffer[] = []
    for (let at = 0; at < stream.length; at += 1000) frames.push(...reader.push(stream.subarray(at, at + 1000)))
    expect(frames.length).toBe(1)
    expect(String(frames[0]) === text).toBe(true)
    expect(reader.buffered).toBe(0)
  })

  it.each([
    ['above the limit', [0, 0, 0, 101]],
    ['negative', [0xff, 0xff, 0xff, 0xff]],
    ['that is the beginning of an HTTP request', [...Buffer.from('GET /')]],
  ])('refuses a size %s before keeping any of it', (_, bytes) => {
    const reader = new FrameReader(100)
    expect(() => reader.push(Buffer.from(bytes))).toThrow(MalformedError)
    expect(reader.buffered).toBe(0)
  })
})

describe('requests', () => {
  it.each([0, 9, 12])('come back from their frame in version %i', (version) => {
    const parts = encodeRequest(Metadata, version, 7, 'client', { topics: [{ name: 'orders' }] })
    const [bytes] = new FrameReader(1000).push(Buffer.concat(parts))
    const { apiKey, apiVersion, correlationId, clientId, reader } = decodeRequestHeader(bytes!)
    expect({ apiKey, apiVersion, correlationId, clientId }).toEqual({
      apiKey: 3,
      apiVersion: version,
      correlationId: 7,
      clientId: 'client',
    })
    expect(codec(Metadata.request, version).decode(reader).topics?.[0]?.name).toBe('orders')
    expect(reader.remaining).toBe(0)
  })

  it('may have no client id', () => {
    const [bytes] = new FrameReader(1000).push(Buffer.concat(encodeRequest(ApiVersions, 3, 1, null, {})))
    expect(decodeRequestHeader(bytes!).clientId).toBe(null)
  })

  it('of versions to come still have a header that can be read', () => {
    const header = Buffer.from([0, 18, 0, 99, 0, 0, 0, 5, 0, 1, 0x61, 0])
    expect(decodeRequestHeader(header)).toMatchObject({ apiVersion: 99, correlationId: 5, clientId: 'a' })
  })

  it.each([
    ['an API key that nobody knows', [0x7f, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['no bytes', []],
    ['a client id longer than the frame', [0, 3, 0, 1, 0, 0, 0, 0, 0x7f, 0xff, 0x61]],
  ])('are malformed with %s', (_, bytes) => {
    expect(() => decodeRequestHeader(Buffer.from(bytes))).toThrow(MalformedError)
  })
})

describe('responses', () => {
  it('come back from their frame', () => {
    const parts = encodeResponse(Metadata, 12, 9, { brokers: [], clusterId: 'c', topics: [] })
    const [bytes] = new FrameReader(1000).push(Buffer.concat(parts))
    expect(correlationIdOf(bytes!)).toBe(9)
    expect(decodeResponse(Metadata, 12, bytes!)).toMatchObject({ correlationId: 9, body: { clusterId: 'c' } })
  })

  it('carry record data by reference, behind a size that counts it', () => {
    const records = Buffer.alloc(100_000, 1)
    const partitions = [{ partitionIndex: 0, errorCode: 0, highWatermark: 5, records }]
    const parts = encodeResponse(Fetch, 11, 1, { responses: [{ topic: 't', partitions }] })
    expect(parts.some((p) => p.buffer === records.buffer && p.length === records.length)).toBe(true)
    const all = Buffer.concat(parts)
    expect(all.readInt32BE(0)).toBe(all.length - 4)
  })

  it('to ApiVersions are of version 0 where the broker refuses the version that was asked', () => {
    const body = { errorCode: 35, apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 3 }] }
    const bytes = Buffer.concat(encodeResponse(ApiVersions, 0, 1, body)).subarray(4)
    expect(decodeResponse(ApiVersions, 4, bytes).body).toMatchObject(body)
  })

  it('are malformed with bytes left over', () => {
    const bytes = Buffer.concat([
      ...encodeResponse(ApiVersions, 0, 1, { errorCode: 0, apiKeys: [] }),
      Buffer.from([0]),
    ]).subarray(4)
    expect(() => decodeResponse(ApiVersions, 0, bytes)).toThrow('1 bytes left')
  })
})
