/**
 * Processes as Linux's /proc shows them: who descends from whom, who listens where, what they cost; and starting and ending
 * trees of them. Nothing here ends a process that it was not given.
 */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const TICKS_PER_SECOND = 100

/** Fields of /proc/PID/stat from the third (state) on, or undefined if the process is gone. The second may hold spaces and brackets. */
function stat(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

/** Whether the process exists and is more than a zombie. */
export function isAlive(pid: number): boolean {
  const state = stat(pid)?.[0]
  return state !== undefined && state !== 'Z' && state !== 'X'
}

/** `pid` and everything that descends from it, parents before children. */
export function processTree(pid: number): number[] {
  const childrenOf = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const parent = Number(stat(Number(name))?.[1])
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), Number(name)])
  }
  const tree = [pid]
  for (let i = 0; i < tree.length; i++) tree.push(...(childrenOf.get(tree[i]!) ?? []))
  return tree
}

/** The process among `pids` that listens on the TCP port, or undefined. */
export function listenerOn(port: number, pids: number[]): number | undefined {
  const inodes = new Set<string>()
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readFileSync(file, 'utf8').split('\n').slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/)
      if (state === '0A' && Number.parseInt(local!.split(':')[1]!, 16) === port) inodes.add(`socket:[${inode}]`)
    }
  }
  return pids.find((pid) => openFiles(pid).some((target) => inodes.has(target)))
}

function openFiles(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${fd}`)]
      } catch {
        return []
      }
    })
  } catch {
    return []
  }
}

/** User and system time that the processes have taken so far, together. Those gone count nothing. */
export function cpuSeconds(pids: number[]): number {
  let ticks = 0
  for (const pid of pids) {
    const fields = stat(pid)
    if (fields) ticks += Number(fields[11]) + Number(fields[12])
  }
  return ticks / TICKS_PER_SECOND
}

/** Resident memory of the processes together; pages that several share count once for each. */
export function residentBytes(pids: number[]): number {
  let kib = 0
  for (const pid of pids) {
    try {
      kib += Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
    } catch {
      // gone
    }
  }
  return kib * 1024
}

/** A TCP port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** The first of `count` TCP ports in a row that were free a moment ago. */
export async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = await freePort()
    const more = Array.from({ length: count - 1 }, (_, i) => first + 1 + i)
    const taken = await Promise.all(more.map((port) => isPortOpen(port)))
    if (first + count < 65_536 && !taken.includes(true)) return first
  }
}

/** Whether something accepts connections there. */
export function isPortOpen(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

/** A process in a group of its own, which is ended with this process at the latest; its output is kept. */
export interface Started {
  readonly child: ChildProcess
  readonly pid: number
  /** When it was started, ms since the epoch with fractions. */
  readonly startedAtMs: number
  /** Everything printed so far, both streams as they came. */
  output(): string
  /** Resolves with the exit status (or the signal's name). */
  readonly ended: Promise<number | string>
  /** TERM, then KILL to whatever of the tree is left after `limitMs`. */
  stop(limitMs?: number): Promise<void>
  /** SIGKILL to the whole tree at once. */
  kill(): Promise<void>
}

const running = new Map<number, Started>()
process.on('exit', () => {
  for (const pid of running.keys()) signalGroup(pid, 'SIGKILL')
})
for (const [signal, status] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 })) {
  process.once(signal, async () => {
    await Promise.all([...running.values()].map((one) => one.stop()))
    process.exit(status)
  })
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // gone
  }
}

export function start(command: string, args: string[], options: SpawnOptions = {}): Started {
  const startedAtMs = performance.timeOrigin + performance.now()
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options, detached: true })
  child.once('error', () => {})
  const pid = child.pid
  if (pid === undefined) throw new Error(`${command} could not be started`)
  let output = ''
  const keep = (chunk: Buffer) => {
    output += chunk
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => {
      running.delete(pid)
      resolve(code ?? signal ?? 'unknown')
    })
  })
  const gone = async (pids: number[], limitMs: number) => {
    const end = Date.now() + limitMs
    while (pids.some(isAlive) && Date.now() < end) await sleep(10)
    return !pids.some(isAlive)
  }
  const killAll = async (pids: number[]) => {
    for (const one of pids) {
      try {
        process.kill(one, 'SIGKILL')
      } catch {
        // gone
      }
    }
    await gone(pids, 5_000)
  }
  const started: Started = {
    child,
    pid,
    startedAtMs,
    ended,
    output: () => output,
    async stop(limitMs = 20_000) {
      const tree = processTree(pid)
      try {
        process.kill(pid, 'SIGTERM')
      } catch {
        // gone
      }
      if (!(await gone(tree, limitMs))) await killAll(tree)
      signalGroup(pid, 'SIGKILL')
      await ended
    },
    async kill() {
      const tree = processTree(pid)
      await killAll(tree)
      signalGroup(pid, 'SIGKILL')
      await ended
    },
  }
  running.set(pid, started)
  return started
}

/** Waits until `test` gives something other than undefined or false; fails with `what` after `limitMs`, or at once when `process` has ended. */
export async function until<T>(
  test: () => T | undefined | false | Promise<T | undefined | false>,
  { what, limitMs = 30_000, process: of }: { what: string; limitMs?: number; process?: Started },
): Promise<T> {
  const end = Date.now() + limitMs
  for (;;) {
    const value = await test()
    if (value !== undefined && value !== false) return value
    const dead = of !== undefined && !isAlive(of.pid)
    if (dead || Date.now() > end) {
      const tail = of ? `; it printed:\n${of.output().split('\n').slice(-15).join('\n')}` : ''
      throw new Error(`${what}: ${dead ? `the process ended` : `not within ${limitMs} ms`}${tail}`)
    }
    await sleep(10)
  }
}
