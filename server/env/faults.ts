/**
 * An environment around another one, with faults that can be switched on and off while the process runs: ports that cannot
 * be reached any more, a disk that is slow, a disk that is full. For the lab and for tests; what happens by chance is the
 * simulation's (`sim.ts`), and what ends or stops a process is the system's.
 *
 * Without a fault each call is handed on as it came, with no allocation and no promise of its own. Connections that others open
 * to this process are left alone: two processes are apart when each is cut off from the other's port.
 */
import type { Clock, Connection, Disk, DiskFile, Env, Network } from './env.ts'
import { DiskError, NetworkError } from './env.ts'

export interface Faults {
  /**
   * Nothing goes to these ports or comes from them: new connections hang until they are reachable again, or for as long as
   * their opener waits.
   */
  readonly cutPorts: readonly number[]
  /** What becomes of connections that are open: nothing arrives and nothing is lost, as with a pulled cable, or they break at once. */
  readonly cutHow: 'silent' | 'reset'
  /** Every sync and every read from the device takes so much longer, ms. Writes into the system's cache do not: they would stop the whole process. */
  readonly slowDiskMs: number
  /** What would make a file longer, or make a new one, is refused with ENOSPC. */
  readonly fullDisk: boolean
}

export const NO_FAULTS: Faults = { cutPorts: [], cutHow: 'silent', slowDiskMs: 0, fullDisk: false }

export const areNone = (f: Faults): boolean => f.cutPorts.length === 0 && f.slowDiskMs === 0 && !f.fullDisk

export interface FaultyEnv {
  readonly env: Env
  /** These and no others from now on. */
  set(faults: Faults): void
}

export function withFaults(inner: Env): FaultyEnv {
  const state: State = { slowDiskMs: 0, fullDisk: false }
  const network = new CutNetwork(inner.network, inner.clock)
  return {
    env: { clock: inner.clock, random: inner.random, disk: new FaultyDisk(inner.disk, inner.clock, state), network },
    set(faults) {
      state.slowDiskMs = faults.slowDiskMs
      state.fullDisk = faults.fullDisk
      network.cut(new Set(faults.cutPorts), faults.cutHow)
    },
  }
}

// --- disk ---

interface State {
  slowDiskMs: number
  fullDisk: boolean
}

const full = (what: string, path: string) =>
  new DiskError('ENOSPC', `Cannot ${what} ${path}: the disk is full (ENOSPC).`, path)

class FaultyDisk implements Disk {
  constructor(
    private readonly inner: Disk,
    private readonly clock: Clock,
    private readonly state: State,
  ) {}

  open(path: string, mode: 'read' | 'write'): DiskFile {
    if (this.state.fullDisk && mode === 'write' && !this.inner.exists(path)) throw full('open', path)
    return new FaultyFile(this.inner.open(path, mode), this.clock, this.state)
  }
  exists(path: string): boolean {
    return this.inner.exists(path)
  }
  list(path: string): { name: string; directory: boolean }[] {
    return this.inner.list(path)
  }
  mkdir(path: string): void {
    if (this.state.fullDisk && !this.inner.exists(path)) throw full('create', path)
    this.inner.mkdir(path)
  }
  rename(from: string, to: string): void {
    this.inner.rename(from, to)
  }
  remove(path: string): void {
    this.inner.remove(path)
  }
  readFile(path: string): Buffer | undefined {
    return this.inner.readFile(path)
  }
  replaceFile(path: string, data: Buffer): void {
    // The new one is written beside the old one, whatever its size.
    if (this.state.fullDisk && data.length > 0) throw full('write', path)
    this.inner.replaceFile(path, data)
  }
  syncDirectory(path: string): void {
    this.inner.syncDirectory(path)
  }
  space(path: string): { total: number; free: number } {
    const space = this.inner.space(path)
    return this.state.fullDisk ? { total: space.total, free: 0 } : space
  }
  lock(path: string): { release(): void } {
    return this.inner.lock(path)
  }
}

class FaultyFile implements DiskFile {
  readonly path: string

  constructor(
    private readonly inner: DiskFile,
    private readonly clock: Clock,
    private readonly state: State,
  ) {
    this.path = inner.path
  }

  size(): number {
    return this.inner.size()
  }
  write(parts: readonly Uint8Array[], position: number): void {
    if (this.state.fullDisk) this.refuseGrowth(parts, position)
    this.inner.write(parts, position)
  }
  readSync(into: Uint8Array, position: number): number {
    return this.inner.readSync(into, position)
  }
  read(into: Uint8Array, position: number): Promise<number> {
    const done = this.inner.read(into, position)
    return this.state.slowDiskMs === 0 ? done : this.later(done)
  }
  sync(): Promise<void> {
    const done = this.inner.sync()
    return this.state.slowDiskMs === 0 ? done : this.later(done)
  }
  syncSync(): void {
    this.inner.syncSync()
  }
  truncate(size: number): void {
    this.inner.truncate(size)
  }
  close(): void {
    this.inner.close()
  }

  private refuseGrowth(parts: readonly Uint8Array[], position: number): void {
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    if (length > 0 && position + length > this.inner.size()) throw full('write', this.path)
  }

  /** The call is made at once, so that it covers what it should and the file may be closed meanwhile; its answer waits. */
  private async later<T>(done: Promise<T>): Promise<T> {
    const { slowDiskMs } = this.state
    const answer = await done
    await new Promise<void>((resolve) => this.clock.after(slowDiskMs, resolve))
    return answer
  }
}

// --- network ---

/** As much as a connection that is cut takes before it says stop. */
const CUT_WINDOW_BYTES = 256 * 1024

class CutNetwork implements Network {
  private ports: ReadonlySet<number> = new Set()
  private readonly open = new Set<CutConnection>()
  /** Connections that wait for their port. */
  private readonly waiting = new Set<() => void>()

  constructor(
    private readonly inner: Network,
    private readonly clock: Clock,
  ) {}

  readonly listen: Network['listen'] = (at, accept) => this.inner.listen(at, accept)

  readonly connect: Network['connect'] = async (to) => {
    if (this.ports.has(to.port)) await this.reachable(to)
    const inner = await this.inner.connect(to)
    const connection = new CutConnection(inner, to.port, this.clock, () => this.open.delete(connection))
    this.open.add(connection)
    if (this.ports.has(to.port)) connection.fallSilent()
    return connection
  }

  cut(ports: ReadonlySet<number>, how: Faults['cutHow']): void {
    this.ports = ports
    for (const connection of [...this.open]) {
      if (!ports.has(connection.port)) connection.speakAgain()
      else if (how === 'reset') connection.reset()
      else connection.fallSilent()
    }
    for (const look of [...this.waiting]) look()
  }

  private reachable({ host, port, timeoutMs }: { host: string; port: number; timeoutMs?: number }): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = () => {
        cancel()
        this.waiting.delete(look)
      }
      const look = () => {
        if (this.ports.has(port)) return
        end()
        resolve()
      }
      const late = () => {
        end()
        reject(new NetworkError('ETIMEDOUT', `Cannot connect to ${host}:${port}: no answer in time (ETIMEDOUT).`))
      }
      const cancel = timeoutMs === undefined ? () => {} : this.clock.after(timeoutMs, late)
      this.waiting.add(look)
    })
  }
}

const nothing = () => {}

class CutConnection implements Connection {
  readonly remote: { host: string; port: number }
  onData: (chunk: Buffer) => void = nothing
  onDrain: () => void = nothing
  onClose: (error?: NetworkError) => void = nothing
  private silent = false
  private paused = false
  /** What was written while it was silent. */
  private held: { parts: readonly Uint8Array[]; taken: (() => void) | undefined }[] = []
  private heldBytes = 0
  private saidStop = false
  /** What its owner asked for while it was silent, and the other side has not been told. */
  private ending: 'no' | 'end' | 'destroy' = 'no'
  /** What has come from the other side meanwhile, and the owner has not been told. */
  private closedBy: { error: NetworkError | undefined } | undefined
  private told = false

  constructor(
    private readonly inner: Connection,
    readonly port: number,
    private readonly clock: Clock,
    private readonly gone: () => void,
  ) {
    this.remote = inner.remote
    inner.onData = (chunk) => this.onData(chunk)
    inner.onDrain = () => {
      if (!this.silent) this.onDrain()
    }
    inner.onClose = (error) => {
      if (this.silent) this.closedBy = { error }
      else this.close(error)
    }
  }

  write(parts: readonly Uint8Array[], taken?: () => void): boolean {
    return this.silent ? this.hold(parts, taken) : this.inner.write(parts, taken)
  }
  get queued(): number {
    return this.heldBytes + this.inner.queued
  }
  pause(): void {
    this.paused = true
    this.inner.pause()
  }
  resume(): void {
    this.paused = false
    if (!this.silent) this.inner.resume()
  }
  end(): void {
    if (!this.silent) this.inner.end()
    else if (this.ending === 'no') this.ending = 'end'
  }
  destroy(): void {
    if (!this.silent) {
      this.inner.destroy()
      return
    }
    if (this.ending === 'destroy') return
    // The other side learns of it once it can be reached: until then it sees a connection that says nothing.
    this.ending = 'destroy'
    this.held = []
    this.heldBytes = 0
    this.clock.soon(() => this.close(undefined))
  }

  fallSilent(): void {
    if (this.silent) return
    this.silent = true
    this.inner.pause()
  }

  speakAgain(): void {
    if (!this.silent) return
    this.silent = false
    if (this.ending === 'destroy') {
      this.gone()
      this.inner.destroy()
      return
    }
    let goOn = true
    for (const { parts, taken } of this.held.splice(0)) goOn = this.inner.write(parts, taken)
    this.heldBytes = 0
    if (this.ending === 'end') this.inner.end()
    if (!this.paused) this.inner.resume()
    if (this.closedBy) this.close(this.closedBy.error)
    else if (this.saidStop && goOn) this.clock.soon(() => this.onDrain())
    this.saidStop = false
  }

  reset(): void {
    this.silent = false
    this.inner.destroy()
    this.close(
      new NetworkError('ECONNRESET', `The connection to ${this.remote.host}:${this.remote.port} broke (ECONNRESET).`),
    )
  }

  private hold(parts: readonly Uint8Array[], taken: (() => void) | undefined): boolean {
    if (this.ending !== 'no') return false
    this.held.push({ parts: [...parts], taken })
    for (const part of parts) this.heldBytes += part.length
    this.saidStop ||= this.heldBytes >= CUT_WINDOW_BYTES
    return !this.saidStop
  }

  /** Tells the owner, once. */
  private close(error: NetworkError | undefined): void {
    // A silent one that its owner has given up is still to be closed when it can be.
    if (!this.silent) this.gone()
    if (this.told) return
    this.told = true
    this.onClose(error)
  }
}
