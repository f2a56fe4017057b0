/**
 * Has garbage collected in quiet moments. A broker's heap may grow to a multiple of what lives in it before V8 looks
 * (BROKER_NODE_FLAGS in main.ts), which is right under load; but long polls alone fill it too, at a megabyte a second for a
 * thousand idle consumers. One collection takes some 15 ms: it is made only where little is going on, and seldom.
 */
import { getHeapSpaceStatistics } from 'node:v8'

const LOOK_EVERY_MS = 2000
const AT_LEAST_APART_MS = 10_000
/** Less is not worth it. */
const WORTH_BYTES = 6 * 1024 * 1024
/** Of a core. Above that, somebody may be measuring latencies. */
const QUIET = 0.12
/** A larger heap takes too long to mark in one go; V8 does that step by step. */
const TOO_LARGE_BYTES = 128 * 1024 * 1024

export interface Look {
  readonly nowMs: number
  /** Processor time taken so far. */
  readonly cpuMs: number
  /** What has survived for a while, dead or alive. */
  readonly oldBytes: number
}

/** Decides; it knows no clock and no heap. */
export class IdleCollection {
  private last: Look | undefined
  private collectedMs = Number.NEGATIVE_INFINITY
  private leftBytes = 0

  /** Is this a moment to collect? */
  isDue(look: Look): boolean {
    const { last } = this
    this.last = look
    if (!last) return false
    const share = (look.cpuMs - last.cpuMs) / (look.nowMs - last.nowMs)
    return (
      share < QUIET &&
      look.nowMs - this.collectedMs >= AT_LEAST_APART_MS &&
      look.oldBytes - this.leftBytes >= WORTH_BYTES &&
      look.oldBytes < TOO_LARGE_BYTES
    )
  }

  collected({ nowMs, oldBytes }: Look): void {
    this.collectedMs = nowMs
    this.leftBytes = oldBytes
  }
}

/** Needs --expose-gc; without it nothing happens. Ends with the process. */
export function collectWhenIdle(): void {
  const collect = globalThis.gc
  if (!collect) return
  const collection = new IdleCollection()
  setInterval(() => {
    if (!collection.isDue(look())) return
    collect()
    collection.collected(look())
  }, LOOK_EVERY_MS).unref()
}

function look(): Look {
  const { user, system } = process.cpuUsage()
  const old = getHeapSpaceStatistics().find((s) => s.space_name === 'old_space')
  return { nowMs: performance.now(), cpuMs: (user + system) / 1000, oldBytes: old?.space_used_size ?? 0 }
}
