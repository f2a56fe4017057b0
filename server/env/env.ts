/**
 * Everything that is not a pure function of its inputs: time, chance, disk and network. `node.ts` is the real one,
 * `sim.ts` the simulated one, with faults. Nothing else under `server/` reads a clock, a random number, a file or a socket
 * (tidy.test.ts holds this; `main.ts`, `console/` and `rest/` are outside).
 */

export interface Env {
  readonly clock: Clock
  readonly random: Random
  readonly disk: Disk
  readonly network: Network
}

export interface Clock {
  /** Wall clock, ms since the epoch, an integer: for timestamps. */
  now(): number
  /** ms from an arbitrary origin, never going back, with fractions: for durations and deadlines. */
  monotonic(): number
  /** Runs `fn` once, `ms` from now. The function returned cancels it. */
  after(ms: number, fn: () => void): () => void
  /** Runs `fn` when what this turn of the event loop has received is handled: the point where writes and syncs are grouped. */
  soon(fn: () => void): void
}

export interface Random {
  /** In [0, 1). */
  next(): number
  /** In [0, below), an integer. */
  int(below: number): number
  bytes(n: number): Buffer
  /** Kafka's form: 22 characters of base64url, never beginning with '-'. */
  uuid(): string
}

/**
 * Files and folders. Calls are synchronous where they touch the page cache (microseconds) and asynchronous where they wait
 * for the device. Every failure is a `DiskError`. What has not been synced may be lost by a crash, and the last write torn.
 */
export interface Disk {
  /** `read` demands that the file exists, `write` creates it if need be and keeps what is in it. */
  open(path: string, mode: 'read' | 'write'): DiskFile
  exists(path: string): boolean
  /** Names in a folder, in no order. */
  list(path: string): { name: string; directory: boolean }[]
  /** With all folders above it. No error if it exists. */
  mkdir(path: string): void
  rename(from: string, to: string): void
  /** A file, or a folder with all in it. No error if there is none. */
  remove(path: string): void
  /** The whole file, or undefined if there is none. */
  readFile(path: string): Buffer | undefined
  /** Replaces the file in one step and syncs it: after a crash it is the old or the new one, whole. */
  replaceFile(path: string, data: Buffer): void
  /** Makes the names in a folder durable (creations, renames, removals). */
  syncDirectory(path: string): void
  /** Bytes of the file system that holds `path`. */
  space(path: string): { total: number; free: number }
  /** Takes the lock file, which the process's death releases. Throws a DiskError with code ELOCKED if another process holds it. */
  lock(path: string): { release(): void }
}

export interface DiskFile {
  readonly path: string
  /** Bytes, as of now. */
  size(): number
  /** Writes all parts, one after the other, beginning at `position`. */
  write(parts: readonly Uint8Array[], position: number): void
  /** Reads up to `into.length` bytes at `position`; returns how many there were. For what is small or warm. */
  readSync(into: Uint8Array, position: number): number
  /** The same without blocking the process: for what may come from the device. */
  read(into: Uint8Array, position: number): Promise<number>
  /** fdatasync: resolves when all that was written before the call survives a crash. A failure is final: never retry, never go on. */
  sync(): Promise<void>
  syncSync(): void
  truncate(size: number): void
  close(): void
}

/** A failed disk call. `code` is the system's: ENOSPC, EIO, EACCES, … */
export class DiskError extends Error {
  override name = 'DiskError'
  constructor(
    readonly code: string,
    message: string,
    readonly path: string,
  ) {
    super(message)
  }
}

export interface Network {
  /** Rejects with a NetworkError (EADDRINUSE, EACCES, …). Port 0 picks a free one. */
  listen(at: { host: string; port: number }, accept: (c: Connection) => void): Promise<Listener>
  connect(to: { host: string; port: number; timeoutMs?: number }): Promise<Connection>
}

export class NetworkError extends Error {
  override name = 'NetworkError'
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

export interface Listener {
  readonly host: string
  readonly port: number
  close(): Promise<void>
}

/** One TCP connection. Set the three handlers before the turn ends in which it was handed over. */
export interface Connection {
  readonly remote: { host: string; port: number }
  /** `chunk` is the receiver's to keep. */
  onData: (chunk: Buffer) => void
  /** All that was written has been handed to the system. */
  onDrain: () => void
  /** Once, whichever side ended it; with the error if there was one. */
  onClose: (error?: NetworkError) => void
  /**
   * Queues all parts. Returns false once more is queued than the system takes: stop until `onDrain`. `taken` is called when the
   * parts are needed no more; never if the connection breaks before.
   */
  write(parts: readonly Uint8Array[], taken?: () => void): boolean
  /** Bytes queued and not taken by the system. */
  readonly queued: number
  pause(): void
  resume(): void
  /** Sends what is queued, then closes. */
  end(): void
  /** Closes at once. */
  destroy(): void
}
