/**
 * The other end of the supervisor's wire: what a child process says, how it learns that it should end, and how one asks another.
 */
import { setImmediate as turn } from 'node:timers/promises'
import type { FromChild, ToChild } from './child_messages.ts'
import type { Faults } from './env/faults.ts'

export const tell = (message: FromChild): void => {
  if (process.connected) process.send!(message)
}

/** Who outlives its supervisor because others need it looks so often, and waits so long at most. */
const LOOK_MS = 50
const OTHERS_MS = 10_000

/**
 * Calls `stop` once: when the supervisor asks, when it is gone, or on SIGTERM. The signals of a terminal are the supervisor's
 * to answer. The process ends when `stop` is done, with status 1 and a sentence about `who` if it failed.
 *
 * `isNeeded`: others need this process to stop themselves. Then SIGTERM is the supervisor's to answer too, because it may have come to
 * all processes at once; and when the supervisor is gone, this one waits a while for the others.
 */
export function endWithSupervisor(who: string, stop: () => Promise<void>, isNeeded?: () => boolean): void {
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
  const endAfterOthers = (untilMs = performance.now() + OTHERS_MS) => {
    if (!isNeeded?.() || performance.now() > untilMs) void end()
    else setTimeout(() => endAfterOthers(untilMs), LOOK_MS)
  }
  process.on('disconnect', () => endAfterOthers())
  // It may have gone while we started, and then says so no more: nobody would ever end us.
  if (process.send && !process.connected) void end()
  process.on('SIGTERM', () => {
    if (isNeeded && process.connected) tell({ kind: 'signalled' })
    else void end()
  })
  process.on('SIGINT', () => {})
  process.on('SIGHUP', () => {})
}

/**
 * Until a child serves, there is nothing to stop in order: it ends at once when the supervisor asks or is gone, instead of reading
 * its logs to the end for nobody and keeping its folder from whoever starts it next. To be ended (the function returned) where
 * `endWithSupervisor` takes over.
 */
export function endAtOnceWhileStarting(): () => void {
  const end = () => process.exit(0)
  const hear = (message: ToChild) => {
    if (message.kind === 'stop') end()
  }
  process.on('message', hear)
  process.on('disconnect', end)
  if (process.send && !process.connected) end()
  return () => {
    process.off('message', hear)
    process.off('disconnect', end)
  }
}

/** Has `set` told of the faults that the lab wants this process to have. To be called before anything else listens: they may come first. */
export function takeFaults(set: (faults: Faults) => void): void {
  process.on('message', (message: ToChild) => {
    if (message.kind === 'faults') set(message.faults)
  })
}

/** So much of an answer goes in one message, by the length of its lines. */
const MESSAGE_LENGTH = 64 * 1024

/** Answers what other children ask, in parts, each when the one before has been taken. One question at a time. */
export function answerAsks(answer: (about: string) => AsyncIterable<{ readonly lines: string }>): void {
  const send = (message: FromChild) =>
    new Promise<void>((resolve) => {
      if (process.connected) process.send!(message, undefined, undefined, () => resolve())
      else resolve()
    })
  const tellAll = async (id: string, about: string) => {
    let parts: { readonly lines: string }[] = []
    let length = 0
    try {
      for await (const part of answer(about)) {
        parts.push(part)
        length += part.lines.length
        await turn()
        if (length < MESSAGE_LENGTH) continue
        await send({ kind: 'told', id, parts })
        parts = []
        length = 0
      }
      await send({ kind: 'told', id, parts, end: 'whole' })
    } catch (error) {
      console.error(error)
      await send({ kind: 'told', id, parts: [], end: 'gone' })
    }
  }
  let busy: Promise<void> = Promise.resolve()
  process.on('message', (message: ToChild) => {
    if (message.kind === 'ask') busy = busy.then(() => tellAll(message.id, message.about))
  })
}

interface Question {
  told(message: Extract<ToChild, { kind: 'told' }>): void
}
const questions = new Map<string, Question>()
let asked = 0
let listening = false

/** What those named `from` say, all parts of each; without those who did not say all of it within `timeoutMs`. */
export function ask(about: string, from: readonly string[], timeoutMs: number): Promise<Map<string, unknown[]>> {
  return new Promise((resolve) => {
    // A process that takes this one's place is told nothing that this one has asked.
    const id = `${process.pid}-${++asked}`
    const whole = new Map<string, unknown[]>()
    const begun = new Map<string, unknown[]>(from.map((name) => [name, []]))
    const end = () => {
      clearTimeout(late)
      questions.delete(id)
      resolve(whole)
    }
    const late = setTimeout(end, timeoutMs)
    const told: Question['told'] = ({ from: name, parts, end: how }) => {
      const known = begun.get(name)
      known?.push(...parts)
      if (!how) return
      begun.delete(name)
      if (how === 'whole' && known) whole.set(name, known)
      if (begun.size === 0) end()
    }
    if (!listening) {
      listening = true
      process.on('message', (message: ToChild) => {
        if (message.kind === 'told') questions.get(message.id)?.told(message)
      })
    }
    questions.set(id, { told })
    if (process.connected) tell({ kind: 'ask', id, about })
    else end()
  })
}

/**
 * The same list for ever, which grows as more brokers are ready: for a client that would lose the others with the one that was ready first.
 * To be called before anything else listens.
 */
export function reachedSoFar<A>(addresses: readonly string[], parse: (address: string) => A[]): readonly A[] {
  const known = new Set(addresses)
  const all = addresses.flatMap(parse)
  process.on('message', (message: ToChild) => {
    if (message.kind !== 'reached') return
    for (const address of message.addresses) {
      if (!known.has(address)) all.push(...parse(address))
      known.add(address)
    }
  })
  return all
}

/** Has the supervisor stop other children for good. Resolves when they are gone. */
export function retire(ids: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const hear = (message: ToChild) => {
      if (message.kind !== 'retired') return
      process.off('message', hear)
      resolve()
    }
    process.on('message', hear)
    tell({ kind: 'retire', ids })
  })
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
