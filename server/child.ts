/** The other end of the supervisor's wire: what a child process says, and how it learns that it should end. */
import type { FromChild, ToChild } from './supervisor.ts'

export const tell = (message: FromChild): void => {
  if (process.connected) process.send!(message)
}

/**
 * Calls `stop` once: when the supervisor asks, when it is gone, or on SIGTERM. The signals of a terminal are the supervisor's
 * to answer. The process ends when `stop` is done, with status 1 and a sentence about `who` if it failed.
 */
export function endWithSupervisor(who: string, stop: () => Promise<void>): void {
  let stopping = false
  const end = async () => {
    if (stopping) return
    stopping = true
    try {
      await stop()
    } catch (error) {
      console.error(`${who} did not stop cleanly: ${error instanceof Error ? error.message : error}`)
      process.exit(1)
    }
    process.exit(0)
  }
  process.on('message', (message: ToChild) => {
    if (message.kind === 'stop') void end()
  })
  process.on('disconnect', () => void end())
  // It may have gone while we started, and then says so no more: nobody would ever end us.
  if (process.send && !process.connected) void end()
  process.on('SIGTERM', () => void end())
  process.on('SIGINT', () => {})
  process.on('SIGHUP', () => {})
}

/** For what cannot start: says why in one sentence and ends with status 1, once the sentence has left. */
export function giveUp(sentence: string): Promise<never> {
  return new Promise(() => {
    if (!process.connected) {
      console.error(sentence)
      process.exit(1)
    }
    process.send!({ kind: 'fatal', sentence } satisfies FromChild, undefined, undefined, () => process.exit(1))
  })
}
