/**
 * The settings that a broker starts with: what was given, and what follows from Weir's own settings where Kafka's say
 * nothing. A stronger origin counts more: `--kafka-port 9192` goes before `listeners` in server.properties.
 */
import { join } from 'node:path'
import { formatListener } from './listeners.ts'
import type { Origin, Settings } from './settings.ts'

/** By Kafka's names, for the broker of this number, 0 being the first. Or one sentence about what does not go together. */
export function staticConfigs(settings: Settings, index: number): ReadonlyMap<string, string> | string {
  const { weir, kafka } = settings
  const alone = ['listeners', 'advertised.listeners', 'log.dirs', 'log.dir'].find((name) => kafka.has(name))
  if (alone && weir.BROKERS > 1)
    return `${alone} is for one broker, but BROKERS is ${weir.BROKERS}: give only one of them.`

  const nodeId = Number(kafka.get('node.id') ?? kafka.get('broker.id') ?? 1) + index
  const replicas = String(Math.min(3, weir.BROKERS))
  const inSync = String(Math.min(2, weir.BROKERS))
  const port = weir.KAFKA_PORT === 0 ? 0 : weir.KAFKA_PORT + index
  const listener = formatListener({ name: 'PLAINTEXT', host: weir.HOST, port })

  const texts = new Map<string, string>([
    ['process.roles', 'broker,controller'],
    ['listeners', listener],
    ['log.dirs', join(weir.DATA_DIR, `broker-${nodeId}`)],
    ['offsets.topic.replication.factor', replicas],
    ['transaction.state.log.replication.factor', replicas],
    ['transaction.state.log.min.isr', inSync],
    ['share.coordinator.state.topic.replication.factor', replicas],
    ['share.coordinator.state.topic.min.isr', inSync],
    ...kafka,
    ['node.id', String(nodeId)],
    ['broker.id', String(nodeId)],
  ])
  if (weaker(settings, 'listeners', ['KAFKA_PORT', 'HOST'])) texts.set('listeners', listener)
  if (weaker(settings, 'log.dirs', ['DATA_DIR'])) texts.set('log.dirs', join(weir.DATA_DIR, `broker-${nodeId}`))
  else if (!kafka.has('log.dirs') && kafka.has('log.dir')) texts.set('log.dirs', kafka.get('log.dir')!)
  return texts
}

const STRENGTH: Record<Origin, number> = { file: 1, environment: 2, flag: 3 }

const strength = ({ origins }: Settings, name: string): number => {
  const origin = origins.get(name)
  return origin === undefined ? 0 : STRENGTH[origin]
}

/** Does one of `ours` come from a stronger origin than Kafka's setting `name`? */
const weaker = (settings: Settings, name: string, ours: readonly string[]): boolean =>
  ours.some((n) => strength(settings, n) > strength(settings, name))
