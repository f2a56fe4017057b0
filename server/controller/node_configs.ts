/**
 * The settings of a node, broker or controller, and of what it knows of the cluster, as DescribeConfigs (32) shows them; and the levels of its
 * loggers, which are all that a node changes by itself of what IncrementalAlterConfigs (44) asks.
 */
import { type ConfigEntry, configSource } from '../config/describe.ts'
import { distinct } from '../lib/distinct.ts'
import { duplicates } from '../lib/duplicates.ts'
import type { Configs } from '../metadata/configs.ts'
import { type MetadataImage, resourceType } from '../metadata/image.ts'
import { topicNameProblem } from '../metadata/topic_name.ts'
import { errorCode, KafkaError } from '../protocol/errors.ts'
import type { DescribeConfigs } from '../protocol/messages/32_describe_configs.ts'
import type { IncrementalAlterConfigs } from '../protocol/messages/44_incremental_alter_configs.ts'
import type { Infer } from '../protocol/schema.ts'
import { failureOf } from '../rpc/failure_of.ts'
import type { LeveledLogger } from '../rpc/logger.ts'
import { alterLoggers, describeLoggers } from './node_loggers.ts'

type Request = Infer<typeof DescribeConfigs.request>
type Resource = Request['resources'][number]
type Changed = Infer<typeof IncrementalAlterConfigs.request>['resources'][number]

export interface ConfiguredNode {
  readonly nodeId: number
  readonly configs: Configs
  readonly log: LeveledLogger
  readonly image: MetadataImage
}

export const describeConfigs = (request: Request, node: ConfiguredNode) => ({
  // Each once: an answer is a thousand times as long as the question.
  results: distinct(request.resources, (r) => `${r.resourceType}/${r.resourceName}`).map((resource) =>
    describe(resource, request, node),
  ),
})

/** The answer that says the whole request failed. */
export const describeNoConfigs = (request: Request, { code, detail }: { code: number; detail: string }) => ({
  results: request.resources.map((r) => ({ ...answerTo(r, code, detail), configs: [] })),
})

function describe(resource: Resource, request: Request, node: ConfiguredNode) {
  const { resourceName, configurationKeys } = resource
  try {
    if (resource.resourceType === resourceType.topic && !node.image.topic(resourceName)) {
      throw topicNameProblem(resourceName) ?? new KafkaError('UNKNOWN_TOPIC_OR_PARTITION')
    }
    const entries = entriesOf(resource, node)
    // An empty list of keys means all, as null does.
    const wanted = configurationKeys?.length ? entries.filter((e) => configurationKeys.includes(e.name)) : entries
    return { ...answerTo(resource, errorCode.NONE, null), configs: wanted.map((e) => shown(e, request)) }
  } catch (error) {
    const { code, detail } = failureOf('DescribeConfigs', error, node.log)
    return { ...answerTo(resource, code, detail), configs: [] }
  }
}

function entriesOf({ resourceType: type, resourceName }: Resource, { nodeId, configs, log }: ConfiguredNode) {
  const isOwnLogger = type === resourceType.brokerLogger && resourceName === String(nodeId)
  return isOwnLogger ? describeLoggers(log) : configs.describe(type, resourceName)
}

const shown = (e: ConfigEntry, { includeSynonyms, includeDocumentation }: Request) => ({
  name: e.name,
  value: e.value,
  readOnly: e.readOnly,
  configSource: e.source,
  isDefault: e.source === configSource.default,
  isSensitive: e.sensitive,
  synonyms: includeSynonyms ? [...e.synonyms] : [],
  configType: e.type,
  documentation: includeDocumentation ? e.documentation : null,
})

export const isLogger = (r: { resourceType: number }): boolean => r.resourceType === resourceType.brokerLogger

export function alterOwnLoggers(
  resources: readonly Changed[],
  { validateOnly }: { validateOnly: boolean },
  node: Pick<ConfiguredNode, 'nodeId' | 'log'>,
) {
  const twice = duplicates(resources.map((r) => r.resourceName))
  return resources.map((resource) => {
    const { resourceName, configs } = resource
    try {
      if (resourceName !== String(node.nodeId)) {
        throw new KafkaError('INVALID_REQUEST', `This is node ${node.nodeId}, not ${resourceName}.`)
      }
      if (twice.has(resourceName)) throw new KafkaError('INVALID_REQUEST', 'A resource may occur once in a request.')
      alterLoggers(node.log, configs, { validateOnly })
      return answerTo(resource, errorCode.NONE, null)
    } catch (error) {
      const { code, detail } = failureOf('IncrementalAlterConfigs', error, node.log)
      return answerTo(resource, code, detail)
    }
  })
}

const answerTo = (r: { resourceType: number; resourceName: string }, code: number, detail: string | null) => ({
  errorCode: code,
  errorMessage: detail,
  resourceType: r.resourceType,
  resourceName: r.resourceName,
})
