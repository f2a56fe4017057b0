/**
 * The real environment: the only place under `server/` that touches the clock, chance, files and sockets
 * (see `env.ts` for what each promises). It adds no policy: no retries, no buffers of its own.
 */
import { randomBytes, randomInt } from 'node:crypto'
import type { Clock, Env, Random } from './env.ts'
import { nodeDisk } from './node_disk.ts'
import { nodeNetwork } from './node_network.ts'

export const nodeEnv = (): Env => ({ clock, random, disk: nodeDisk, network: nodeNetwork })

/** The longest wait that setTimeout takes; a longer one is made of several. */
const LONGEST_TIMEOUT_MS = 0x7fffffff

const clock: Clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  after(ms, fn) {
    if (ms <= LONGEST_TIMEOUT_MS) {
      const timer = setTimeout(fn, Math.max(0, ms))
      return () => clearTimeout(timer)
    }
    let timer: NodeJS.Timeout
    const arm = (left: number) => {
      const step = Math.min(left, LONGEST_TIMEOUT_MS)
      timer = setTimeout(() => (left > step ? arm(left - step) : fn()), step)
    }
    arm(ms)
    return () => clearTimeout(timer)
  },
  soon(fn) {
    setImmediate(fn)
  },
}

const random: Random = {
  next: Math.random,
  int: (below) => randomInt(below),
  bytes: (n) => randomBytes(n),
  uuid() {
    for (;;) {
      const s = randomBytes(16).toString('base64url')
      if (!s.startsWith('-')) return s
    }
  },
}
