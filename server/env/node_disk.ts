/** Files and folders on the real disk. Calls on the page cache are synchronous, those on the device go through libuv's threads. */
import fs from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type Disk, DiskError, type DiskFile } from './env.ts'
import { takeLock } from './node_lock.ts'

export const nodeDisk: Disk = {
  open: (path, mode) => new NodeFile(path, mode),
  exists: (path) => fs.existsSync(path),
  list: (path) =>
    attempt('list', path, () =>
      fs.readdirSync(path, { withFileTypes: true }).map((e) => ({ name: e.name, directory: e.isDirectory() })),
    ),
  mkdir: (path) => attempt('create', path, () => makeFolders(path)),
  rename: (from, to) => attempt('rename', from, () => fs.renameSync(from, to)),
  remove: (path) => attempt('remove', path, () => fs.rmSync(path, { recursive: true, force: true })),
  readFile(path) {
    try {
      return fs.readFileSync(path)
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw diskError('read', path, e)
    }
  },
  replaceFile(path, data) {
    const temporary = join(dirname(path), `.${basename(path)}.tmp`)
    attempt('write', path, () => {
      const fd = fs.openSync(temporary, 'w')
      try {
        for (let done = 0; done < data.length; ) done += fs.writeSync(fd, data, done)
        fs.fsyncSync(fd)
      } finally {
        fs.closeSync(fd)
      }
      fs.renameSync(temporary, path)
    })
    nodeDisk.syncDirectory(dirname(path))
  },
  syncDirectory: (path) =>
    attempt('sync', path, () => {
      if (process.platform === 'win32') return // has no such call; renames are journalled there
      const fd = fs.openSync(path, 'r')
      try {
        fs.fsyncSync(fd)
      } finally {
        fs.closeSync(fd)
      }
    }),
  space: (path) =>
    attempt('measure', path, () => {
      const s = fs.statfsSync(path)
      return { total: s.blocks * s.bsize, free: s.bavail * s.bsize }
    }),
  lock: (path) => attempt('lock', path, () => takeLock(path)),
}

class NodeFile implements DiskFile {
  private readonly fd: number
  /** Calls in libuv's threads that still use `fd`: it must not be closed under them, its number would be reused. */
  private pending = 0
  private closing = false

  constructor(
    readonly path: string,
    mode: 'read' | 'write',
  ) {
    const { O_RDONLY, O_RDWR, O_CREAT } = fs.constants
    this.fd = attempt('open', path, () => fs.openSync(path, mode === 'read' ? O_RDONLY : O_RDWR | O_CREAT, 0o644))
  }

  size(): number {
    return attempt('measure', this.path, () => fs.fstatSync(this.fd).size)
  }

  write(parts: readonly Uint8Array[], position: number): void {
    attempt('write', this.path, () => {
      let left: readonly Uint8Array[] = parts
      for (;;) {
        const length = left.reduce((sum, part) => sum + part.length, 0)
        if (length === 0) return
        const taken =
          left.length === 1
            ? fs.writeSync(this.fd, left[0]!, 0, length, position)
            : fs.writevSync(this.fd, left as Uint8Array[], position)
        if (taken === length) return
        // A short write comes before ENOSPC and EFBIG; the next attempt tells which it is.
        left = without(left, taken)
        position += taken
      }
    })
  }

  readSync(into: Uint8Array, position: number): number {
    return attempt('read', this.path, () => {
      let done = 0
      while (done < into.length) {
        const n = fs.readSync(this.fd, into, done, into.length - done, position + done)
        if (n === 0) break
        done += n
      }
      return done
    })
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    let done = 0
    while (done < into.length) {
      const n = await this.inThread<number>('read', (cb) =>
        fs.read(this.fd, into, done, into.length - done, position + done, cb),
      )
      if (n === 0) break
      done += n
    }
    return done
  }

  sync(): Promise<void> {
    return this.inThread<void>('sync', (cb) => fs.fdatasync(this.fd, cb))
  }
  syncSync(): void {
    attempt('sync', this.path, () => fs.fdatasyncSync(this.fd))
  }
  truncate(size: number): void {
    attempt('truncate', this.path, () => fs.ftruncateSync(this.fd, size))
  }

  close(): void {
    if (this.closing) return
    this.closing = true
    if (this.pending === 0) fs.closeSync(this.fd)
  }

  private inThread<T>(what: string, call: (cb: (error: Error | null, value?: any) => void) => void): Promise<T> {
    if (this.closing)
      return Promise.reject(new DiskError('EBADF', `Cannot ${what} ${this.path}: it is closed.`, this.path))
    this.pending++
    return new Promise((resolve, reject) => {
      call((error, value) => {
        if (--this.pending === 0 && this.closing) fs.closeSync(this.fd)
        if (error) reject(diskError(what, this.path, error))
        else resolve(value)
      })
    })
  }
}

/** `parts` without their first `n` bytes. */
function without(parts: readonly Uint8Array[], n: number): Uint8Array[] {
  const left: Uint8Array[] = []
  for (const part of parts) {
    if (n >= part.length) n -= part.length
    else {
      left.push(n > 0 ? part.subarray(n) : part)
      n = 0
    }
  }
  return left
}

function attempt<T>(what: string, path: string, fn: () => T): T {
  try {
    return fn()
  } catch (e) {
    throw e instanceof DiskError ? e : diskError(what, path, e)
  }
}

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'this user may not',
  EPERM: 'the system does not permit it',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the device reports an error',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'it is a folder',
  EEXIST: 'a file is in the way',
  EMFILE: 'this process has too many files open',
  ENFILE: 'the system has too many files open',
  ENAMETOOLONG: 'the name is too long',
  EFBIG: 'the file would be too large',
  EBADF: 'it is closed',
}

function diskError(what: string, path: string, e: unknown): DiskError {
  const code = (e as NodeJS.ErrnoException).code
  if (code === undefined) throw e
  return new DiskError(code, `Cannot ${what} ${path}: ${reasons[code] ?? 'the system refused'} (${code}).`, path)
}

/** Not Node's own `recursive`: it goes round for ever where a file system answers ENOENT to whoever wants a folder in it, as /proc does. */
function makeFolders(path: string): void {
  if (fs.statSync(path, { throwIfNoEntry: false })?.isDirectory()) return
  const above = dirname(path)
  if (above !== path) makeFolders(above)
  try {
    fs.mkdirSync(path)
  } catch (e) {
    // Another process was faster.
    if (!fs.statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw e
  }
}
