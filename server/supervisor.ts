/**
 * The supervisor: starts the controller, the brokers and the console as processes of their own, each as soon as those that it
 * needs are there, says where they are, restarts what dies with back-off, and stops them in order on SIGTERM and SIGINT. It knows
 * nothing of Kafka and holds no data.
 */
import { LabControl } from './lab/control.ts'
import { type ChildSpec, SupervisedChild } from './supervised_child.ts'

export interface Supervision {
  readonly children: readonly ChildSpec[]
  /** Where those that are ready are reached, by their ids: kept here, so that a later supervision finds them at the same places. */
  readonly addresses?: Map<string, readonly string[]>
  readonly entry: string
  readonly environment: NodeJS.ProcessEnv
  say(line: string): void
  complain(line: string): void
}

/** Everything was stopped: because a job was done, or for good, with this exit status. */
export type Ending = 'done' | number

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/** Resolves once everything has stopped. */
export function supervise(s: Supervision): Promise<Ending> {
  return new Promise((resolve) => {
    const addresses = s.addresses ?? new Map<string, readonly string[]>()
    const ready = new Set<string>()
    let stopping = false
    const lab = new LabControl(() => children)

    const stop = async (ending: Ending) => {
      if (stopping) return
      stopping = true
      // A signal to the whole process group reaches the children too: their ends are no accidents from now on.
      for (const child of children) child.expectEnd()
      const turns = [...new Set(children.map((c) => c.spec.stopTurn))].sort((a, b) => a - b)
      for (const turn of turns) {
        await Promise.all(children.filter((c) => c.spec.stopTurn === turn).map((c) => c.stop()))
      }
      for (const signal of SIGNALS) process.off(signal, onSignal)
      resolve(ending)
    }
    const startDue = () => {
      for (const child of children) {
        if (!stopping && !child.begun && (child.spec.mayStart?.((id) => ready.has(id)) ?? true)) child.start()
      }
    }
    const children: SupervisedChild[] = s.children.map(
      (spec) =>
        new SupervisedChild(spec, s, addresses, {
          onFirstReady: () => {
            ready.add(spec.id)
            startDue()
            for (const one of children) one.tellReached()
          },
          onAsk: (question, asker) => {
            for (const one of children) one.passOn(question, asker)
          },
          onFatal: (sentence) => {
            // What others say now mostly follows from the first.
            if (stopping) return
            s.complain(sentence)
            if (!spec.dispensable) void stop(1)
          },
          onRetire: async (ids) => {
            await Promise.all(children.filter((c) => ids.includes(c.spec.id)).map((c) => c.stop()))
          },
          onLab: ({ id, call }, asker) => {
            void lab.answer(call, asker.id).then((answer) => asker.send({ kind: 'lab', id, answer }))
          },
          onChange: (child) => lab.changed(child),
          onGone: (child) => lab.gone(child.id),
          onDone: () => {
            if (spec.job === 'ends all') void stop('done')
          },
        }),
    )
    let asked = 0
    const onSignal = (signal: NodeJS.Signals) => {
      if (asked++ > 0 && signal === 'SIGINT') for (const child of children) void child.kill()
      void stop(0)
    }
    for (const signal of SIGNALS) process.on(signal, onSignal)
    startDue()
  })
}
