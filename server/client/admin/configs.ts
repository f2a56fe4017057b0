/** Configs of topics, brokers and groups: as they are, with where each value comes from, and changes to them. */
import { KafkaError } from '../../protocol/errors.ts'
import { DescribeConfigs } from '../../protocol/messages/32_describe_configs.ts'
import { IncrementalAlterConfigs } from '../../protocol/messages/44_incremental_alter_configs.ts'
import type { Cluster, Target } from '../cluster.ts'
import { asKafkaError, check, errorFrom } from '../errors.ts'

const RESOURCE_TYPES = { topic: 2, broker: 4, broker_logger: 8, client_metrics: 16, group: 32 } as const
const OPERATIONS = { set: 0, delete: 1, append: 2, subtract: 3 } as const

/** Kafka's ConfigSource and ConfigType, by number. */
const SOURCES: Record<number, ConfigSource> = {
  1: 'DYNAMIC_TOPIC_CONFIG',
  2: 'DYNAMIC_BROKER_CONFIG',
  3: 'DYNAMIC_DEFAULT_BROKER_CONFIG',
  4: 'STATIC_BROKER_CONFIG',
  5: 'DEFAULT_CONFIG',
  6: 'DYNAMIC_BROKER_LOGGER_CONFIG',
  7: 'DYNAMIC_CLIENT_METRICS_CONFIG',
  8: 'DYNAMIC_GROUP_CONFIG',
}
const TYPES = ['UNKNOWN', 'BOOLEAN', 'STRING', 'INT', 'SHORT', 'LONG', 'DOUBLE', 'LIST', 'CLASS', 'PASSWORD'] as const

export type ConfigSource =
  | 'UNKNOWN'
  | 'DYNAMIC_TOPIC_CONFIG'
  | 'DYNAMIC_BROKER_CONFIG'
  | 'DYNAMIC_DEFAULT_BROKER_CONFIG'
  | 'STATIC_BROKER_CONFIG'
  | 'DEFAULT_CONFIG'
  | 'DYNAMIC_BROKER_LOGGER_CONFIG'
  | 'DYNAMIC_CLIENT_METRICS_CONFIG'
  | 'DYNAMIC_GROUP_CONFIG'
export type ConfigType = (typeof TYPES)[number]

export interface ConfigResource {
  type: keyof typeof RESOURCE_TYPES
  /** Topic or group name, node id as a string; '' for the default of all brokers. */
  name: string
}

export interface ConfigEntry {
  name: string
  /** null where it is sensitive. */
  value: string | null
  source: ConfigSource
  type: ConfigType
  readOnly: boolean
  sensitive: boolean
  /** Where the value is taken from, the strongest first; empty unless asked for. */
  synonyms: { name: string; value: string | null; source: ConfigSource }[]
  documentation: string | null
}

export interface DescribedConfigs extends ConfigResource {
  error: KafkaError | null
  configs: ConfigEntry[]
}

export interface ConfigChange extends ConfigResource {
  configs: readonly { name: string; op: keyof typeof OPERATIONS; value?: string | null }[]
}

export interface ConfigResult extends ConfigResource {
  error: KafkaError | null
}

export async function describeConfigs(
  cluster: Cluster,
  resources: readonly (ConfigResource & { keys?: readonly string[] | null })[],
  options: { synonyms?: boolean; documentation?: boolean } = {},
): Promise<DescribedConfigs[]> {
  const failed = ({ type, name }: ConfigResource, error: KafkaError) => ({ type, name, error, configs: [] })
  return perResponsible(resources, 'any', failed, async (target, group) => {
    const response = await cluster.request(target, DescribeConfigs, {
      resources: group.map((r) => ({
        resourceType: RESOURCE_TYPES[r.type],
        resourceName: r.name,
        configurationKeys: r.keys ? [...r.keys] : null,
      })),
      includeSynonyms: options.synonyms ?? false,
      includeDocumentation: options.documentation ?? false,
    })
    return matched(group, response.results, failed, ({ type, name }, r) => ({
      type,
      name,
      error: errorFrom(r.errorCode, r.errorMessage),
      configs: r.configs.map((c) => ({
        name: c.name,
        value: c.value,
        source: SOURCES[c.configSource] ?? (c.isDefault ? 'DEFAULT_CONFIG' : 'UNKNOWN'),
        type: TYPES[c.configType] ?? 'UNKNOWN',
        readOnly: c.readOnly,
        sensitive: c.isSensitive,
        synonyms: c.synonyms.map((s) => ({ name: s.name, value: s.value, source: SOURCES[s.source] ?? 'UNKNOWN' })),
        documentation: c.documentation || null,
      })),
    }))
  })
}

/** Changes single configs and leaves the others (KIP-339). */
export async function incrementalAlterConfigs(
  cluster: Cluster,
  changes: readonly ConfigChange[],
  options: { validateOnly?: boolean } = {},
): Promise<ConfigResult[]> {
  const failed = ({ type, name }: ConfigResource, error: KafkaError) => ({ type, name, error })
  return perResponsible(changes, 'controller', failed, async (target, group) => {
    const response = await cluster.request(
      target,
      IncrementalAlterConfigs,
      {
        resources: group.map((r) => ({
          resourceType: RESOURCE_TYPES[r.type],
          resourceName: r.name,
          configs: r.configs.map((c) => ({
            name: c.name,
            configOperation: OPERATIONS[c.op],
            value: c.op === 'delete' ? null : (c.value ?? null),
          })),
        })),
        validateOnly: options.validateOnly ?? false,
      },
      {
        verify: (r) => {
          const refused = r.responses.find((x) => errorFrom(x.errorCode)?.error === 'NOT_CONTROLLER')
          if (refused) check(refused.errorCode)
        },
      },
    )
    return matched(group, response.responses, failed, ({ type, name }, r) => ({
      type,
      name,
      error: errorFrom(r.errorCode, r.errorMessage),
    }))
  })
}

/** What belongs to one broker is asked of that broker, all the rest in one request of `otherwise`. */
async function perResponsible<I extends ConfigResource, R>(
  resources: readonly I[],
  otherwise: Target,
  failed: (r: I, error: KafkaError) => R,
  send: (target: Target, group: I[]) => Promise<R[]>,
): Promise<R[]> {
  const groups = new Map<string, I[]>()
  for (const r of resources) {
    const owned = (r.type === 'broker' || r.type === 'broker_logger') && r.name !== ''
    const key = owned ? r.name : ''
    const group = groups.get(key)
    if (group) group.push(r)
    else groups.set(key, [r])
  }
  const answers = new Map<I, R>()
  await Promise.all(
    [...groups].map(async ([owner, group]) => {
      const target = owner === '' ? otherwise : { node: Number(owner) }
      const results = await send(target, group).catch((e) => {
        const error = asKafkaError(e)
        return group.map((r) => failed(r, error))
      })
      for (const [i, r] of group.entries()) answers.set(r, results[i]!)
    }),
  )
  return resources.map((r) => answers.get(r)!)
}

function matched<I extends ConfigResource, A extends { resourceType: number; resourceName: string }, R>(
  group: readonly I[],
  answers: readonly A[],
  failed: (r: I, error: KafkaError) => R,
  each: (r: I, answer: A) => R,
): R[] {
  const found = new Map(answers.map((a) => [`${a.resourceType} ${a.resourceName}`, a]))
  return group.map((r) => {
    const answer = found.get(`${RESOURCE_TYPES[r.type]} ${r.name}`)
    return answer ? each(r, answer) : failed(r, new KafkaError('UNKNOWN_SERVER_ERROR', 'the broker left it out'))
  })
}
