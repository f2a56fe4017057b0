/**
 * DescribeConfigs (32): every setting of a topic, broker, group, subscription to clients' metrics or logger with where its value is from. v1 adds sources and synonyms
 * (KIP-226), v3 types and documentation.
 */
import type { ConfigEntry } from '../../config/describe.ts'
import { configSource } from '../../config/describe.ts'
import { distinct } from '../../lib/distinct.ts'
import { resourceType } from '../../metadata/image.ts'
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import { DescribeConfigs } from '../../protocol/messages/32_describe_configs.ts'
import type { Infer } from '../../protocol/schema.ts'
import { describeLoggers } from '../broker_loggers.ts'
import { handler, type RequestContext } from '../handler.ts'
import { partitionError } from './partition_error.ts'

type Request = Infer<typeof DescribeConfigs.request>
type Resource = Request['resources'][number]

export const DescribeConfigsHandler = handler(DescribeConfigs, {
  handle: (request, context) => ({
    // Each once: an answer is a thousand times as long as the question.
    results: distinct(request.resources, (r) => `${r.resourceType}/${r.resourceName}`).map((resource) =>
      describe(resource, request, context),
    ),
  }),
  fail: (request, { code, detail }) => ({ results: request.resources.map((r) => failed(r, code, detail)) }),
})

function describe(resource: Resource, request: Request, context: RequestContext) {
  const { resourceName, configurationKeys } = resource
  try {
    if (resource.resourceType === resourceType.topic && !context.broker.metadata.topic(resourceName)) {
      throw context.broker.metadata.topicNameProblem(resourceName) ?? new KafkaError('UNKNOWN_TOPIC_OR_PARTITION')
    }
    const entries = entriesOf(resource, context)
    // An empty list of keys means all, as null does.
    const wanted = configurationKeys?.length ? entries.filter((e) => configurationKeys.includes(e.name)) : entries
    return {
      errorCode: errorCode.NONE,
      errorMessage: null,
      resourceType: resource.resourceType,
      resourceName,
      configs: wanted.map((e) => shown(e, request)),
    }
  } catch (error) {
    const { code, detail } = partitionError(error, context)
    return failed(resource, code, detail)
  }
}

function entriesOf({ resourceType: type, resourceName }: Resource, { broker }: RequestContext): ConfigEntry[] {
  if (type === resourceType.brokerLogger && resourceName === String(broker.nodeId)) return describeLoggers(broker.log)
  return broker.configs.describe(type, resourceName)
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

const failed = ({ resourceType: type, resourceName }: Resource, code: number, detail: string) => ({
  errorCode: code,
  errorMessage: detail,
  resourceType: type,
  resourceName,
  configs: [],
})
