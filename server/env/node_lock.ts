/**
 * A lock file that its process's death releases, without flock(2), which Node does not offer.
 * It holds "pid start-time boot"; a lock whose process is gone, or whose pid is another process by now, is stale and taken over.
 * The file appears by link(), so it is never seen half written; a stale one is removed under a second such file, so two
 * processes cannot both take it over. It also respects Apache Kafka's lock on the same file (fcntl, seen in /proc/locks).
 * It does not see processes of another pid namespace.
 */
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { DiskError } from './env.ts'

export function takeLock(path: string): { release(): void } {
  const mine = identity(process.pid) ?? `${process.pid} 0 0`
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  fs.writeFileSync(temporary, `${mine}\n`)
  try {
    takeWith(temporary, path)
  } finally {
    fs.rmSync(temporary, { force: true })
  }
  let held = true
  return {
    release() {
      if (held && read(path) === mine) fs.rmSync(path, { force: true })
      held = false
    },
  }
}

function takeWith(temporary: string, path: string): void {
  for (let attempts = 0; attempts < 10; attempts++) {
    if (linked(temporary, path)) return
    const holder = read(path)
    if (holder === undefined) continue
    refuseIfAlive(holder, path)
    const breaker = `${path}.break`
    if (!linked(temporary, breaker)) {
      const other = read(breaker)
      if (other !== undefined) refuseIfAlive(other, path)
      fs.rmSync(breaker, { force: true })
      continue
    }
    try {
      if (read(path) === holder) fs.rmSync(path, { force: true })
    } finally {
      fs.rmSync(breaker, { force: true })
    }
  }
  throw new DiskError('ELOCKED', `Cannot lock ${path}: other processes are taking it at the same time.`, path)
}

function refuseIfAlive(holder: string, path: string): void {
  const pid = Number(/^(\d+) \d+ \S+$/.exec(holder)?.[1] ?? foreignHolder(path) ?? Number.NaN)
  if (Number.isNaN(pid)) return
  const now = identity(pid)
  const foreign = !/^\d+ \d+ \S+$/.test(holder)
  if (now === undefined || (!foreign && now !== holder)) return
  throw new DiskError('ELOCKED', `Cannot lock ${path}: process ${pid} holds it.`, path)
}

function linked(from: string, to: string): boolean {
  try {
    fs.linkSync(from, to)
    return true
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw e
  }
}

function read(path: string): string | undefined {
  try {
    return fs.readFileSync(path, 'latin1').trim()
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw e
  }
}

/** What no other process, before or after, has: pid, start time in clock ticks since boot, boot. Undefined if it does not run. */
function identity(pid: number): string | undefined {
  if (process.platform === 'linux') {
    try {
      const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1')
      // The second field is the command in brackets and may hold spaces and brackets itself; state is the 3rd, start the 22nd.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (fields[0] === 'Z' || fields[0] === 'X') return undefined
      return `${pid} ${fields[19]} ${fs.readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}`
    } catch (e) {
      const code = (e as NodeJS.ErrnoException).code
      if (code === 'ENOENT' || code === 'ESRCH') return undefined
      throw e
    }
  }
  try {
    process.kill(pid, 0)
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code === 'ESRCH') return undefined
  }
  return `${pid} 0 0`
}

/** The pid that holds an fcntl lock on the file, if any (Linux). */
function foreignHolder(path: string): number | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    const inode = fs.statSync(path).ino
    const line = fs
      .readFileSync('/proc/locks', 'latin1')
      .split('\n')
      .find((l) => l.includes(' POSIX ') && new RegExp(` [0-9a-f]+:[0-9a-f]+:${inode} `).test(l))
    return line === undefined ? undefined : Number(line.trim().split(/\s+/)[4])
  } catch {
    return undefined // no /proc/locks here: nothing can be known
  }
}
