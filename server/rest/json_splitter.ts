/**
 * Cuts a stream of bytes into JSON objects that follow each other, with or without white space between. Looks only at
 * braces, brackets and strings: whether an object is JSON is for `json_scan.ts`. Memory is bounded: an object larger
 * than the limit is read over to its end and reported without its text.
 */
import { GrowingBuffer } from './growing_buffer.ts'
import { JsonError } from './json_scan.ts'

export interface Split {
  /** The object's text: a view of the chunk if it lies in one, else a copy. Undefined when too large. */
  text: Buffer | undefined
  sizeBytes: number
}

export class JsonSplitter {
  private depth = 0
  private inString = false
  private escaped = false
  private readonly begun = new GrowingBuffer()
  /** Of the object that has begun, kept or not. */
  private begunBytes = 0

  constructor(private readonly maxBytes: number) {}

  /** Memory held for the object that is not whole yet. */
  get heldBytes(): number {
    return this.begun.capacity
  }

  /** Has an object begun that is not whole? */
  get open(): boolean {
    return this.depth > 0
  }

  /** Calls `found` for each object that `chunk` completes. Throws a JsonError where no object begins. */
  push(chunk: Buffer, found: (object: Split) => void): void {
    let { depth, inString, escaped } = this
    let from = 0
    const { length } = chunk
    for (let i = 0; i < length; i++) {
      const c = chunk[i]!
      if (inString) {
        if (escaped) escaped = false
        else if (c === 0x22) inString = false
        else if (c === 0x5c) escaped = true
        else i = plainEnd(chunk, i + 1) - 1
      } else if (c === 0x22) {
        if (depth === 0) throw notAnObject(c)
        inString = true
      } else if (c === 0x7b || c === 0x5b) {
        if (depth === 0) {
          if (c === 0x5b) throw notAnObject(c)
          from = i
        }
        depth++
      } else if (c === 0x7d || c === 0x5d) {
        if (depth === 0) throw notAnObject(c)
        if (--depth === 0) {
          this.depth = 0
          found(this.complete(chunk.subarray(from, i + 1)))
        }
      } else if (depth === 0 && c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) {
        throw notAnObject(c)
      }
    }
    this.depth = depth
    this.inString = inString
    this.escaped = escaped
    if (depth > 0) this.keep(chunk.subarray(from))
  }

  private keep(part: Buffer): void {
    this.begunBytes += part.length
    if (this.begunBytes <= this.maxBytes) this.begun.append(part)
    else this.begun.clear()
  }

  private complete(rest: Buffer): Split {
    const sizeBytes = this.begunBytes + rest.length
    let text: Buffer | undefined = rest
    if (sizeBytes > this.maxBytes) text = undefined
    else if (this.begunBytes > 0) {
      this.begun.append(rest)
      text = this.begun.take()
    }
    this.begun.clear()
    this.begunBytes = 0
    return { text, sizeBytes }
  }
}

/** Where the run of characters that begins at `at` meets a quote, a backslash or the end of the chunk. */
function plainEnd(chunk: Buffer, at: number): number {
  const { length } = chunk
  const near = Math.min(length, at + NEAR)
  for (let i = at; i < near; i++) {
    const c = chunk[i]!
    if (c === 0x22 || c === 0x5c) return i
  }
  if (near === length) return length
  // A long string: the native search is quicker, the more so the longer it is. A backslash is looked for only up to the quote.
  const quote = chunk.indexOf(0x22, near)
  const end = quote < 0 ? length : quote
  const backslash = chunk.subarray(near, end).indexOf(0x5c)
  return backslash < 0 ? end : near + backslash
}

const NEAR = 48

const notAnObject = (c: number): JsonError =>
  new JsonError(`an object was expected, not ${c > 0x20 && c < 0x7f ? `'${String.fromCharCode(c)}'` : `byte ${c}`}`)
