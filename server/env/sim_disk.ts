/**
 * A disk in memory that knows what would survive a loss of power. What it allows is what ext4 (data=ordered, delayed
 * allocation) and POSIX allow:
 * - A file's bytes are safe once a sync that began after they were written has succeeded. Until then each write is kept,
 *   lost or cut at any byte, independently of the others; a lost one before a kept one leaves zeros (an extent that was
 *   allocated but not written), or what was there before. The same goes for a change of length.
 * - A name (creation, rename, removal) is safe once its folder was synced after it. Before that the journal decides: of the
 *   changes not yet safe a prefix survives, in the order in which they were made. A rename happens wholly or not at all.
 *   A sync of the file alone does not save its name: ext4 happens to, POSIX does not promise it.
 * - A sync that failed has dropped its pages: what it covered is never made safe by a later sync, though that one succeeds.
 * - Bytes that were safe do not change: no rot. Tests that want a flipped bit flip it themselves.
 */
import { type Disk, DiskError, type DiskFile } from './env.ts'
import type { Owner, SimTime } from './sim_clock.ts'
import type { SimRandom } from './sim_random.ts'

export type DiskCall =
  | 'open'
  /** Within an `open`, of a file that was not there. */
  | 'create'
  | 'list'
  | 'mkdir'
  | 'rename'
  | 'remove'
  | 'read'
  | 'write'
  | 'sync'
  | 'truncate'
  | 'syncDirectory'

/** Asked before every call: the code with which it shall fail (ENOSPC, EIO), or undefined. `n` counts all calls from 1. */
export type DiskFaults = (call: { kind: DiskCall; path: string; n: number }) => string | undefined

export interface DiskOptions {
  /** ms of virtual time that a sync takes. */
  syncMs: { low: number; high: number }
  /** The same of an asynchronous read. */
  readMs: { low: number; high: number }
  sizeBytes: number
  faults: DiskFaults
  /** For mutants that judges must convict: a disk that says it has synced bytes and names, and keeps nothing; or bytes alone. */
  syncLies: boolean | 'names'
}

const defaults: DiskOptions = {
  syncMs: { low: 0.2, high: 3 },
  readMs: { low: 0.01, high: 0.3 },
  sizeBytes: 2 ** 40,
  faults: () => undefined,
  syncLies: false,
}

/** The same fault at every `n`th call of these kinds. */
export function everyNth(n: number, code: string, kinds: readonly DiskCall[]): DiskFaults {
  let count = 0
  return ({ kind }) => (kinds.includes(kind) && ++count % n === 0 ? code : undefined)
}

type Change = { kind: 'write'; position: number; bytes: Buffer } | { kind: 'truncate'; size: number }
interface Pending {
  readonly change: Change
  /** A sync that failed has dropped it; later ones are safe all the same, and come after it. */
  fate: 'open' | 'dropped' | 'safe'
}

/** Bytes that grow; what was never written reads as zeros. Copies share their memory until one of them changes. */
class Bytes {
  private buf: Buffer = Buffer.alloc(0)
  private shared = false
  size = 0

  copy(): Bytes {
    const made = new Bytes()
    made.buf = this.buf
    made.size = this.size
    made.shared = this.shared = true
    return made
  }
  apply(change: Change): void {
    if (change.kind === 'truncate') {
      this.reserve(change.size)
      if (change.size < this.size) this.buf.fill(0, change.size, this.size)
      this.size = change.size
    } else if (change.bytes.length > 0) {
      const end = change.position + change.bytes.length
      this.reserve(end)
      change.bytes.copy(this.buf, change.position)
      this.size = Math.max(this.size, end)
    }
  }
  view(start = 0, end = this.size): Buffer {
    return this.buf.subarray(start, end)
  }
  /** Room for `size` bytes, in memory of its own. */
  private reserve(size: number): void {
    const enough = size <= this.buf.length
    if (enough && !this.shared) return
    const own = Buffer.alloc(enough ? this.buf.length : Math.max(size, this.buf.length * 2))
    this.buf.copy(own, 0, 0, this.size)
    this.buf = own
    this.shared = false
  }
}

class Inode {
  constructor(
    /** What the process reads. */
    readonly data = new Bytes(),
    /** What a loss of power leaves at least. */
    readonly safe = data.copy(),
  ) {}
  pending: Pending[] = []

  copy(): Inode {
    const made = new Inode(this.data.copy(), this.safe.copy())
    made.pending = this.pending.map((p) => ({ ...p }))
    return made
  }
}
class Folder {
  readonly names = new Map<string, Inode | Folder>()
}
type Node = Inode | Folder

/** A change of names, as the journal holds it. A name set to undefined is gone. */
interface NameChange {
  readonly sets: readonly { folder: Folder; name: string; node: Node | undefined }[]
  readonly unsynced: Set<Folder>
}

/** Everything on one disk. A crash leaves it to the dead process and makes another. */
export class DiskImage {
  readonly root = new Folder()
  /** The names as they are safe now; folders in it are those of the living tree. */
  private safeNames = new Map<Folder, Map<string, Node>>()
  private journal: NameChange[] = []

  change(sets: NameChange['sets']): void {
    for (const { folder, name, node } of sets) {
      if (node === undefined) folder.names.delete(name)
      else folder.names.set(name, node)
    }
    this.journal.push({ sets, unsynced: new Set(sets.map((s) => s.folder)) })
  }

  syncNames(folder: Folder): void {
    for (const change of this.journal) change.unsynced.delete(folder)
    // Only the head of the journal can be forgotten: what is behind a change not yet safe must come after it.
    let done = 0
    while (done < this.journal.length && this.journal[done]!.unsynced.size === 0)
      apply(this.safeNames, this.journal[done++]!)
    this.journal.splice(0, done)
  }

  /** As another process finds it when only the process died: all that was written, as safe or unsafe as it was. */
  afterKill(): DiskImage {
    const made = new DiskImage()
    const copies = new Map<Node, Node>([[this.root, made.root]])
    const copy = <N extends Node>(node: N): N => {
      let found = copies.get(node)
      if (found === undefined) {
        found = node instanceof Inode ? node.copy() : new Folder()
        copies.set(node, found)
      }
      return found as N
    }
    const copyNames = (names: Map<string, Node>) => new Map([...names].map(([name, node]) => [name, copy(node)]))
    const visit = (from: Folder) => {
      const to = copy(from)
      for (const [name, node] of from.names) {
        to.names.set(name, copy(node))
        if (node instanceof Folder) visit(node)
      }
    }
    visit(this.root)
    made.safeNames = new Map([...this.safeNames].map(([folder, names]) => [copy(folder), copyNames(names)]))
    made.journal = this.journal.map(({ sets, unsynced }) => ({
      sets: sets.map((s) => ({ folder: copy(s.folder), name: s.name, node: s.node && copy(s.node) })),
      unsynced: new Set([...unsynced].map(copy)),
    }))
    return made
  }

  /** As the machine finds it after a loss of power. */
  afterCrash(random: SimRandom): DiskImage {
    const mood = random.pick(['mixed', 'mixed', 'all', 'nothing'] as const)
    const fate = (): 'keep' | 'lose' | 'tear' =>
      mood === 'all' ? 'keep' : mood === 'nothing' ? 'lose' : random.pick(['keep', 'lose', 'tear'] as const)
    const cut = mood === 'all' ? this.journal.length : mood === 'nothing' ? 0 : random.int(this.journal.length + 1)
    const names = new Map([...this.safeNames].map(([folder, map]) => [folder, new Map(map)]))
    this.journal.forEach((change, i) => {
      if (i < cut || change.unsynced.size === 0) apply(names, change)
    })
    const made = new DiskImage()
    copyTree(
      this.root,
      (f) => names.get(f) ?? new Map(),
      made.root,
      (inode) => {
        const bytes = inode.safe.copy()
        for (const { change, fate: decided } of inode.pending) {
          const f = decided === 'safe' ? 'keep' : fate()
          if (f === 'keep') bytes.apply(change)
          else if (f === 'tear' && change.kind === 'write') {
            bytes.apply({ ...change, bytes: change.bytes.subarray(0, random.int(change.bytes.length + 1)) })
          }
        }
        return bytes
      },
    )
    made.everythingIsSafe()
    return made
  }

  private everythingIsSafe(): void {
    const visit = (folder: Folder) => {
      this.safeNames.set(folder, new Map(folder.names))
      for (const node of folder.names.values()) if (node instanceof Folder) visit(node)
    }
    visit(this.root)
  }
}

function apply(names: Map<Folder, Map<string, Node>>, change: NameChange): void {
  for (const { folder, name, node } of change.sets) {
    let map = names.get(folder)
    if (!map) names.set(folder, (map = new Map()))
    if (node === undefined) map.delete(name)
    else map.set(name, node)
  }
}

function copyTree(
  from: Folder,
  namesOf: (f: Folder) => Map<string, Node>,
  to: Folder,
  bytesOf: (inode: Inode) => Bytes,
): void {
  for (const [name, node] of namesOf(from)) {
    if (node instanceof Folder) {
      const folder = new Folder()
      to.names.set(name, folder)
      copyTree(node, namesOf, folder, bytesOf)
    } else {
      to.names.set(name, new Inode(bytesOf(node)))
    }
  }
}

/** The disk as one process sees it. */
export class SimDisk implements Disk {
  options: DiskOptions
  private calls = 0
  private used = 0

  constructor(
    private readonly image: DiskImage,
    private readonly locks: Map<string, Owner>,
    private readonly owner: Owner,
    private readonly time: SimTime,
    private readonly random: SimRandom,
    options: Partial<DiskOptions>,
    /** Called before every call, for a crash in the middle of something. */
    private readonly onCall: (kind: DiskCall, path: string) => void,
  ) {
    this.options = { ...defaults, ...options }
  }

  /** From now on; what is under way takes the time it was given. */
  setOptions(options: Partial<DiskOptions>): void {
    this.options = { ...defaults, ...options }
  }

  open(path: string, mode: 'read' | 'write'): DiskFile {
    this.call('open', path)
    const { folder, name } = this.parent(path)
    let node = folder.names.get(name)
    if (node instanceof Folder) throw error('EISDIR', path)
    if (node === undefined) {
      if (mode === 'read') throw error('ENOENT', path)
      this.call('create', path)
      node = new Inode()
      this.image.change([{ folder, name, node }])
    }
    return new SimFile(path, node, this)
  }

  exists(path: string): boolean {
    return this.find(path) !== undefined
  }

  list(path: string): { name: string; directory: boolean }[] {
    this.call('list', path)
    return [...this.folder(path).names].map(([name, node]) => ({ name, directory: node instanceof Folder }))
  }

  mkdir(path: string): void {
    this.call('mkdir', path)
    let folder = this.image.root
    for (const name of split(path)) {
      let node = folder.names.get(name)
      if (node instanceof Inode) throw error('ENOTDIR', path)
      if (node === undefined) {
        node = new Folder()
        this.image.change([{ folder, name, node }])
      }
      folder = node
    }
  }

  rename(from: string, to: string): void {
    this.call('rename', from)
    const a = this.parent(from)
    const b = this.parent(to)
    const node = a.folder.names.get(a.name)
    if (node === undefined) throw error('ENOENT', from)
    const target = b.folder.names.get(b.name)
    if (target instanceof Folder && (node instanceof Inode || target.names.size > 0)) {
      throw error(node instanceof Inode ? 'EISDIR' : 'ENOTEMPTY', to)
    }
    this.image.change([
      { folder: a.folder, name: a.name, node: undefined },
      { folder: b.folder, name: b.name, node },
    ])
  }

  remove(path: string): void {
    this.call('remove', path)
    const node = this.find(path)
    if (node === undefined) return
    const { folder, name } = this.parent(path)
    const empty = (f: Folder) => {
      for (const [child, n] of [...f.names]) {
        if (n instanceof Folder) empty(n)
        this.image.change([{ folder: f, name: child, node: undefined }])
      }
    }
    if (node instanceof Folder) empty(node)
    this.image.change([{ folder, name, node: undefined }])
  }

  readFile(path: string): Buffer | undefined {
    const node = this.find(path)
    if (node === undefined) return undefined
    this.call('read', path)
    if (node instanceof Folder) throw error('EISDIR', path)
    return Buffer.from(node.data.view())
  }

  replaceFile(path: string, data: Buffer): void {
    const { folder, name } = this.parent(path)
    this.call('write', path)
    const node = new Inode()
    const temporary = `.${name}.tmp`
    this.image.change([{ folder, name: temporary, node }])
    this.write(node, [data], 0)
    this.call('sync', path)
    this.synced(node, node.pending.length)
    this.call('rename', path)
    this.image.change([
      { folder, name: temporary, node: undefined },
      { folder, name, node },
    ])
    this.syncDirectory(split(path).slice(0, -1).join('/'))
  }

  syncDirectory(path: string): void {
    this.call('syncDirectory', path)
    const folder = this.folder(path)
    if (!this.options.syncLies) this.image.syncNames(folder)
  }

  space(): { total: number; free: number } {
    return { total: this.options.sizeBytes, free: Math.max(0, this.options.sizeBytes - this.used) }
  }

  lock(path: string): { release(): void } {
    const holder = this.locks.get(path)
    if (holder !== undefined && !holder.dead) throw error('ELOCKED', path)
    this.locks.set(path, this.owner)
    return {
      release: () => {
        if (this.locks.get(path) === this.owner) this.locks.delete(path)
      },
    }
  }

  // --- what SimFile needs ---

  /** Counts the call, and fails it if it shall fail. */
  call(kind: DiskCall, path: string): void {
    this.calls++
    this.onCall(kind, path)
    const code = this.options.faults({ kind, path, n: this.calls })
    if (code !== undefined) throw error(code, path)
  }

  write(inode: Inode, parts: readonly Uint8Array[], position: number): void {
    const bytes = Buffer.concat(parts)
    if (bytes.length > 0) this.change(inode, { kind: 'write', position, bytes })
  }

  truncate(inode: Inode, size: number): void {
    this.change(inode, { kind: 'truncate', size })
  }

  private change(inode: Inode, change: Change): void {
    const before = inode.data.size
    inode.data.apply(change)
    this.used += inode.data.size - before
    inode.pending.push({ change, fate: 'open' })
  }

  /** A write that fails half-way leaves a part of it, as a disk that fills up does. */
  failedWrite(inode: Inode, parts: readonly Uint8Array[], position: number): void {
    const all = Buffer.concat(parts)
    this.write(inode, [all.subarray(0, this.random.int(all.length + 1))], position)
  }

  /** The first `count` changes are safe now, but for those that an earlier sync has dropped. */
  synced(inode: Inode, count: number): void {
    if (this.options.syncLies === true) return
    for (const p of inode.pending.slice(0, count)) if (p.fate === 'open') p.fate = 'safe'
    let head = 0
    while (inode.pending[head]?.fate === 'safe') inode.safe.apply(inode.pending[head++]!.change)
    inode.pending.splice(0, head)
  }

  failedSync(inode: Inode): void {
    for (const p of inode.pending) if (p.fate === 'open') p.fate = 'dropped'
  }

  /** Resolves after a time by chance; never, if the process has died. */
  later<T>(range: { low: number; high: number }, fn: () => T): Promise<T> {
    const ms = range.low + this.random.next() * (range.high - range.low)
    return new Promise((resolve, reject) => {
      this.time.after(
        ms,
        () => {
          try {
            resolve(fn())
          } catch (e) {
            reject(e)
          }
        },
        this.owner,
      )
    })
  }

  private find(path: string): Node | undefined {
    let node: Node | undefined = this.image.root
    for (const name of split(path)) {
      if (!(node instanceof Folder)) return undefined
      node = node.names.get(name)
    }
    return node
  }

  private folder(path: string): Folder {
    const node = this.find(path)
    if (node === undefined) throw error('ENOENT', path)
    if (node instanceof Inode) throw error('ENOTDIR', path)
    return node
  }

  private parent(path: string): { folder: Folder; name: string } {
    const names = split(path)
    const name = names.pop()
    if (name === undefined) throw error('EISDIR', path)
    return { folder: this.folder(names.join('/')), name }
  }
}

class SimFile implements DiskFile {
  private closed = false

  constructor(
    readonly path: string,
    private readonly inode: Inode,
    private readonly disk: SimDisk,
  ) {}

  size(): number {
    return this.inode.data.size
  }

  write(parts: readonly Uint8Array[], position: number): void {
    try {
      this.call('write')
    } catch (e) {
      if (!this.closed) this.disk.failedWrite(this.inode, parts, position)
      throw e
    }
    this.disk.write(this.inode, parts, position)
  }

  readSync(into: Uint8Array, position: number): number {
    this.call('read')
    return this.copy(into, position)
  }

  read(into: Uint8Array, position: number): Promise<number> {
    if (this.closed) return Promise.reject(error('EBADF', this.path))
    return this.disk.later(this.disk.options.readMs, () => {
      this.disk.call('read', this.path)
      return this.copy(into, position)
    })
  }

  sync(): Promise<void> {
    if (this.closed) return Promise.reject(error('EBADF', this.path))
    const covered = new Set(this.inode.pending)
    return this.disk.later(this.disk.options.syncMs, () => this.finishSync(covered))
  }

  syncSync(): void {
    if (this.closed) throw error('EBADF', this.path)
    this.finishSync(new Set(this.inode.pending))
  }

  truncate(size: number): void {
    this.call('truncate')
    this.disk.truncate(this.inode, size)
  }

  close(): void {
    this.closed = true
  }

  private copy(into: Uint8Array, position: number): number {
    const n = Math.max(0, Math.min(into.length, this.inode.data.size - position))
    into.set(this.inode.data.view(position, position + n))
    return n
  }

  /** `covered` is what was written before the sync began; another sync may have made a part of it safe meanwhile. */
  private finishSync(covered: Set<Pending>): void {
    try {
      this.disk.call('sync', this.path)
    } catch (e) {
      this.disk.failedSync(this.inode)
      throw e
    }
    this.disk.synced(this.inode, this.inode.pending.filter((p) => covered.has(p)).length)
  }

  private call(kind: DiskCall): void {
    if (this.closed) throw error('EBADF', this.path)
    this.disk.call(kind, this.path)
  }
}

const split = (path: string) => path.split('/').filter((name) => name !== '' && name !== '.')

const error = (code: string, path: string) => new DiskError(code, `${path}: ${code} in the simulation.`, path)
