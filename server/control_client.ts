/**
 * The console's side of the lab: asks the supervisor over the wire that both have anyway. A process without a supervisor, or
 * of a cluster that it did not start, has no such thing.
 */
import type { FromChild, ToChild } from './child_messages.ts'
import type { Control, LabAnswer, LabCall, LabProcess } from './lab/processes.ts'

/** A clean stop of a broker may take this long, ms (supervisor's bound, and a little). */
const TIMEOUT_MS = 35_000

export function controlClient(): Control | null {
  if (!process.send) return null
  const waiting = new Map<string, (answer: LabAnswer) => void>()
  let asked = 0
  /** As last heard: none of them may stay stopped for good when nobody is left to wake it. */
  let known: readonly LabProcess[] = []
  process.on('message', (message: ToChild) => {
    if (message.kind === 'lab') waiting.get(message.id)?.(message.answer)
  })
  process.on('disconnect', () => {
    for (const answer of [...waiting.values()]) answer({ error: 'The supervisor has gone.' })
    for (const { pid, state } of known) if (state === 'paused' && pid !== null) wake(pid)
  })

  const call = (call: LabCall) =>
    new Promise<readonly LabProcess[]>((resolve, reject) => {
      const id = `${process.pid}-lab-${++asked}`
      const end = (answer: LabAnswer) => {
        clearTimeout(late)
        waiting.delete(id)
        if ('error' in answer) reject(new Error(answer.error))
        else {
          known = answer.processes
          resolve(answer.processes)
        }
      }
      const late = setTimeout(() => end({ error: 'The supervisor does not answer.' }), TIMEOUT_MS)
      waiting.set(id, end)
      if (process.connected) process.send!({ kind: 'lab', id, call } satisfies FromChild)
      else end({ error: 'The supervisor has gone.' })
    })

  return {
    processes: () => call({ do: 'list' }),
    act: async (process, action, o) => void (await call({ do: 'act', process, action, ...o })),
    setFaults: async (process, faults, o) => void (await call({ do: 'faults', process, faults, ...o })),
  }
}

function wake(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT')
  } catch {
    // It has gone as well.
  }
}
