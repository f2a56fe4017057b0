/**
 * The level of what a node writes, as kafka-configs shows and changes it (KIP-412). There is one logger, `root`; its changes are no
 * metadata and last as long as the process. Levels that Kafka has and this one has not are those next to them.
 */
import { type ConfigEntry, configSource, configType } from '../config/describe.ts'
import { operation } from '../metadata/commands/alter_configs.ts'
import { KafkaError } from '../protocol/errors.ts'
import type { LeveledLogger, LogLevel } from '../rpc/logger.ts'

const ROOT = 'root'
const LEVELS: ReadonlyMap<string, LogLevel> = new Map([
  ['FATAL', 'error'],
  ['ERROR', 'error'],
  ['WARN', 'warn'],
  ['INFO', 'info'],
  ['DEBUG', 'info'],
  ['TRACE', 'info'],
])

export function describeLoggers(log: LeveledLogger): ConfigEntry[] {
  const value = log.level.toUpperCase()
  return [
    {
      name: ROOT,
      value,
      source: configSource.dynamicBrokerLogger,
      readOnly: false,
      sensitive: false,
      type: configType.unknown,
      synonyms: [],
      documentation: null,
    },
  ]
}

interface Change {
  readonly name: string
  readonly configOperation: number
  readonly value: string | null
}

/** All of them, or none and a KafkaError. */
export function alterLoggers(
  log: LeveledLogger,
  changes: readonly Change[],
  { validateOnly }: { validateOnly: boolean },
) {
  for (const { name, configOperation, value } of changes) {
    if (configOperation !== operation.set) {
      throw invalid(configOperation === operation.delete ? 'The root logger keeps a level.' : `${name} is not a list.`)
    }
    if (name !== ROOT) throw new KafkaError('INVALID_CONFIG', `There is no logger '${name}' here, only ${ROOT}.`)
    if (value === null || !LEVELS.has(value)) {
      throw new KafkaError('INVALID_CONFIG', `A level is one of ${[...LEVELS.keys()].join(', ')}, not ${value}.`)
    }
  }
  if (!validateOnly) for (const { value } of changes) log.level = LEVELS.get(value!)!
}

const invalid = (why: string) => new KafkaError('INVALID_REQUEST', why)
