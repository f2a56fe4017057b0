/** What the controller has to know of settings to accept or refuse a change: injected, so that it needs no table of its own. */
import type { KafkaError } from '../protocol/errors.ts'

export interface ConfigRules {
  /** Why this resource may not have these values, all that are set for it; undefined if it may. Unknown names count as wrong. */
  problem(resource: { type: number; name: string }, values: ReadonlyMap<string, string>): KafkaError | undefined
  isList(resourceType: number, name: string): boolean
  /** What APPEND and SUBTRACT begin with where nothing is set; null if there is no default. */
  defaultValue(resourceType: number, name: string): string | null
  /** What is in effect for a topic with these values of its own, for the answer to CreateTopics (KIP-525). */
  effectiveTopicConfigs(own: ReadonlyMap<string, string>): EffectiveConfig[]
}

export interface EffectiveConfig {
  readonly name: string
  /** Null if it is sensitive or nothing is set. */
  readonly value: string | null
  readonly readOnly: boolean
  /** Kafka's number of where the value is from: 1 topic, 4 the broker's file, 5 default. */
  readonly configSource: number
  readonly isSensitive: boolean
}
