/**
 * Subscriptions by regular expression (KIP-848): RE2 syntax, the whole name of a topic must match. The patterns are strangers',
 * so they are run by a library that matches in linear time, and in slices: while one is matched against many topics, everyone
 * else is served. Internal topics match as any other, as in Kafka.
 */
import { RE2JS, RE2JSException } from 're2js'
import type { Clock } from '../../../env/env.ts'
import { KafkaError } from '../../../protocol/errors.ts'
import type { GroupTopics } from './topics.ts'

/** Compiling takes time as well: some ms for a pattern of this length. */
const MAX_PATTERN_CHARACTERS = 10_000
/** Steps of the automaton: about 10 ms. */
const SLICE = 1_000_000
/** Patterns that are remembered, of all groups together. */
const MAX_KNOWN = 1_000

interface Known {
  readonly version: number
  readonly topics: readonly string[]
}

export class Regexes {
  /** By pattern, those used last at the end. */
  private readonly known = new Map<string, Known>()
  private readonly running = new Map<string, Promise<void>>()

  constructor(
    readonly topics: GroupTopics,
    private readonly clock: Clock,
  ) {}

  /** The topics that it stood for when it was last matched, sorted. Undefined if it was not, or is not valid. */
  matches(pattern: string): Known | undefined {
    return this.known.get(pattern)
  }

  /** Resolves when the pattern has been matched against the topics that there are; undefined if that was done already. */
  prepare(pattern: string): Promise<void> | undefined {
    const known = this.known.get(pattern)
    if (known?.version === this.topics.version) {
      this.known.delete(pattern)
      this.known.set(pattern, known)
      return undefined
    }
    let running = this.running.get(pattern)
    if (running === undefined) {
      running = this.match(pattern).finally(() => this.running.delete(pattern))
      this.running.set(pattern, running)
    }
    return running
  }

  private async match(pattern: string): Promise<void> {
    let compiled: RE2JS
    try {
      compiled = compile(pattern)
    } catch (error) {
      // Whoever brought it is told when the request is handled.
      if (error instanceof KafkaError) return
      throw error
    }
    const { version } = this.topics
    const topics: string[] = []
    let left = SLICE
    for (const name of [...this.topics.names()]) {
      left -= compiled.programSize() * name.length
      if (left < 0) {
        left = SLICE
        await new Promise<void>((resolve) => this.clock.after(0, resolve))
      }
      if (compiled.matches(name)) topics.push(name)
    }
    this.known.set(pattern, { version, topics: topics.sort() })
    if (this.known.size > MAX_KNOWN) this.known.delete(this.known.keys().next().value!)
  }
}

/** Throws INVALID_REGULAR_EXPRESSION. */
export function compile(pattern: string): RE2JS {
  if (pattern.length > MAX_PATTERN_CHARACTERS) {
    throw new KafkaError(
      'INVALID_REGULAR_EXPRESSION',
      `SubscribedTopicRegex has ${pattern.length} characters; at most ${MAX_PATTERN_CHARACTERS} are allowed.`,
    )
  }
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    const why = error.message.replace(/^error parsing regexp: /, '')
    throw new KafkaError('INVALID_REGULAR_EXPRESSION', `SubscribedTopicRegex \`${pattern}\` is not valid: ${why}.`)
  }
}
