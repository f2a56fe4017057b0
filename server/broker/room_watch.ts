/**
 * Whether this broker's log dirs take records: one in which an append has found no room is tried again and again, and counts as full when
 * it has stayed so for a while, until there has been room for a while. Nothing is done for those in which appends find room.
 *
 * Room that comes and goes must not move leaders to and fro: the sooner a dir is full again, the longer it has to have room.
 */
import type { Clock } from '../env/env.ts'
import type { LogManager } from '../log/log_manager.ts'
import type { LeveledLogger } from '../rpc/logger.ts'

type Dir = Pick<LogManager, 'dir' | 'hasRoom' | 'isOffline'>

export interface RoomWatchOptions {
  readonly clock: Clock
  /** One of them is full, or none any more. */
  readonly onChange: (isFull: boolean) => void
  readonly log: Pick<LeveledLogger, 'warn'>
}

const TRY_EVERY_MS = 250
/** A dir without room is full after so long. */
const FULL_AFTER_MS = 500
/** One that was full has room after so long, twice as long each time that it is full again within a minute. */
const ROOM_AFTER_MS = 1_000
const ROOM_AFTER_MAX_MS = 30_000
const CALM_MS = 60_000

interface Watched {
  readonly sinceMs: number
  /** Without a gap. */
  hasRoomSinceMs: number | undefined
  isFull: boolean
  readonly roomAfterMs: number
}

export class RoomWatch {
  private readonly watched = new Map<Dir, Watched>()
  /** Those that were full: when there was room again, and how long it had to be. */
  private readonly before = new Map<Dir, { readonly endedMs: number; readonly roomAfterMs: number }>()
  private isFull = false
  private cancel = () => {}
  private stopped = false

  constructor(private readonly o: RoomWatchOptions) {}

  /** An append has found none in it. */
  noRoom(dir: Dir): void {
    if (this.stopped || this.watched.has(dir)) return
    const nowMs = this.o.clock.monotonic()
    const before = this.before.get(dir)
    const again = before !== undefined && nowMs - before.endedMs < CALM_MS
    const roomAfterMs = again ? Math.min(before.roomAfterMs * 2, ROOM_AFTER_MAX_MS) : ROOM_AFTER_MS
    this.watched.set(dir, { sinceMs: nowMs, hasRoomSinceMs: undefined, isFull: false, roomAfterMs })
    if (this.watched.size === 1) this.lookLater()
  }

  stop(): void {
    this.stopped = true
    this.cancel()
  }

  private lookLater(): void {
    this.cancel = this.o.clock.after(TRY_EVERY_MS, () => {
      const nowMs = this.o.clock.monotonic()
      for (const [dir, w] of this.watched) this.look(dir, w, nowMs)
      const isFull = [...this.watched.values()].some((w) => w.isFull)
      if (isFull !== this.isFull) {
        this.isFull = isFull
        this.o.onChange(isFull)
      }
      if (this.watched.size > 0) this.lookLater()
    })
  }

  private look(dir: Dir, w: Watched, nowMs: number): void {
    // One that has failed is given up by other means.
    if (dir.isOffline) this.watched.delete(dir)
    else if (!dir.hasRoom()) {
      w.hasRoomSinceMs = undefined
      if (w.isFull || nowMs - w.sinceMs < FULL_AFTER_MS) return
      w.isFull = true
      this.o.log.warn(
        `${dir.dir} stays full: where others are in sync, they lead and take records without this broker until there is room`,
      )
    } else if (!w.isFull) this.watched.delete(dir)
    else if (nowMs - (w.hasRoomSinceMs ??= nowMs) >= w.roomAfterMs) {
      this.watched.delete(dir)
      this.before.set(dir, { endedMs: nowMs, roomAfterMs: w.roomAfterMs })
      this.o.log.warn(`${dir.dir} has room again: this broker takes records as before`)
    }
  }
}
