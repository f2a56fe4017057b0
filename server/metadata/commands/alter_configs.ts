/**
 * AlterConfigs (33): what is not named falls back to its default. IncrementalAlterConfigs (44): what is named is set,
 * removed, or lengthened and shortened as a list (KIP-339). Logger levels are no metadata and refused here.
 */
import { duplicates } from '../../lib/duplicates.ts'
import { type ErrorName, KafkaError } from '../../protocol/errors.ts'
import type { AlterConfigs } from '../../protocol/messages/33_alter_configs.ts'
import type { IncrementalAlterConfigs } from '../../protocol/messages/44_incremental_alter_configs.ts'
import type { Infer, Input } from '../../protocol/schema.ts'
import type { ConfigRules } from '../config_rules.ts'
import type { ControllerContext, MetadataCommand } from '../context.ts'
import { type MetadataImage, resourceType } from '../image.ts'
import { type MetadataRecord, metadataRecord } from '../record_codec.ts'
import { topicNameProblem } from '../topic_name.ts'
import { electUncleanly } from './balance_leaders.ts'
import { UNCLEAN_ELECTION } from './effective_configs.ts'
import { clearEligibleReplicas, minInsyncReplicasProblem } from './min_insync_replicas.ts'
import { attempt, failed, succeeded } from './results.ts'

type IncrementalRequest = Infer<typeof IncrementalAlterConfigs.request>
type Request = Infer<typeof AlterConfigs.request>
type Response = Input<typeof AlterConfigs.response>

interface Resource {
  readonly resourceType: number
  readonly resourceName: string
  readonly configs: readonly { readonly name: string; readonly value: string | null }[]
}
/** What a string on the wire and in a record can hold. */
const LONGEST_VALUE = 32_767
/** New value by name; null to remove. */
type Changes = Map<string, string | null>

export const operation = { set: 0, delete: 1, append: 2, subtract: 3 } as const

export const incrementalAlterConfigs = (request: IncrementalRequest, context: ControllerContext) =>
  alter(request, context, (image, resource) => {
    const { configRules } = context
    const present = image.configsOf(resource.resourceType, resource.resourceName)
    const changes: Changes = new Map()
    for (const { name, configOperation, value } of resource.configs) {
      if (configOperation === operation.delete) changes.set(name, null)
      else {
        const given = givenValue(name, value)
        if (configOperation === operation.set) changes.set(name, given)
        else
          changes.set(name, listChange(configRules, resource.resourceType, { name, given, configOperation }, present))
      }
    }
    return changes
  })

export const alterConfigs = (request: Request, context: ControllerContext) =>
  alter(request, context, (image, resource) => {
    const changes: Changes = new Map()
    for (const name of image.configsOf(resource.resourceType, resource.resourceName).keys()) changes.set(name, null)
    for (const { name, value } of resource.configs) changes.set(name, givenValue(name, value))
    return changes
  })

function alter<R extends Resource>(
  request: { resources: readonly R[]; validateOnly: boolean },
  context: ControllerContext,
  changesOf: (image: MetadataImage, resource: R) => Changes,
): MetadataCommand<Response> {
  return (image) => {
    const key = (r: Resource) => `${r.resourceType}/${r.resourceName}`
    const twice = duplicates(request.resources.map(key))
    const records: MetadataRecord[] = []
    const responses = request.resources.map((resource) => {
      const { resourceType, resourceName } = resource
      const made = attempt(() => {
        if (twice.has(key(resource))) throw invalid('A resource may occur once in a request.')
        checkResource(image, resource, context)
        const [name] = duplicates(resource.configs.map((c) => c.name))
        if (name !== undefined) throw invalid(`The config '${name}' occurs twice for the same resource.`)
        return decide(image, resource, changesOf(image, resource), context.configRules)
      })
      if (made instanceof KafkaError) return { ...failed(made), resourceType, resourceName }
      records.push(...made)
      return { ...succeeded, resourceType, resourceName }
    })
    const all = [...records, ...clearEligibleReplicas(image, records)]
    const mayElect = records.some((r) => r.name === 'ConfigRecord' && r.data.name === UNCLEAN_ELECTION)
    return {
      records: request.validateOnly ? [] : all,
      reply: { throttleTimeMs: 0, responses },
      // Kafka lets whoever allows it wait for the next look, some minutes.
      ...(mayElect && !request.validateOnly && { next: [electUncleanly(context)] }),
    }
  }
}

function decide(image: MetadataImage, resource: Resource, changes: Changes, rules: ConfigRules): MetadataRecord[] {
  const { resourceType: type, resourceName } = resource
  const present = image.configsOf(type, resourceName)
  const after = new Map(present)
  const records: MetadataRecord[] = []
  for (const [name, value] of changes) {
    const refusal = minInsyncReplicasProblem(image, { type, name: resourceName }, { config: name, value })
    if (refusal !== undefined) throw refusal
    if (value !== null && Buffer.byteLength(value) > LONGEST_VALUE) {
      throw new KafkaError('INVALID_CONFIG', `The value of '${name}' has more than ${LONGEST_VALUE} bytes.`)
    }
    if (value === null) after.delete(name)
    else after.set(name, value)
    // A broker's own are written even if unchanged: some settings, such as certificates, are read again then.
    const changed = (present.get(name) ?? null) !== value
    if (changed || type === resourceType.broker) {
      records.push(metadataRecord('ConfigRecord', { resourceType: type, resourceName, name, value }))
    }
  }
  const problem = rules.problem({ type, name: resourceName }, after)
  if (problem !== undefined) throw problem
  return records
}

function checkResource(
  image: MetadataImage,
  { resourceType: type, resourceName: name }: Resource,
  { settings }: ControllerContext,
): void {
  switch (type) {
    case resourceType.topic: {
      if (name === '') throw invalid('A topic has a name; there are no settings for all topics.')
      const problem = topicNameProblem(name)
      if (problem !== undefined) throw problem
      if (!image.topics.has(name)) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `There is no topic '${name}'.`)
      return
    }
    case resourceType.broker:
      if (name === '') return
      if (!/^\d+$/.test(name)) throw invalid(`A broker is named by its number, not by '${name}'.`)
      if (Number(name) !== settings.nodeId && !image.brokers.has(Number(name)))
        throw invalid(`There is no broker ${name}.`)
      return
    case resourceType.group:
    case resourceType.clientMetrics:
      if (name === '') throw invalid('The resource needs a name.')
      return
    default:
      throw invalid(`Resources of type ${type} have no configs that could be altered.`)
  }
}

function listChange(
  rules: ConfigRules,
  type: number,
  change: { name: string; given: string; configOperation: number },
  present: ReadonlyMap<string, string>,
): string {
  const { name, given, configOperation } = change
  if (configOperation !== operation.append && configOperation !== operation.subtract) {
    throw invalid(`${configOperation} is no operation on a config.`)
  }
  if (!rules.isList(type, name)) {
    throw new KafkaError('INVALID_CONFIG', `The config '${name}' is not a list: nothing can be appended or subtracted.`)
  }
  const before = (present.get(name) ?? rules.defaultValue(type, name) ?? '').split(',').filter((item) => item !== '')
  const items = given.split(',')
  const after =
    configOperation === operation.append
      ? [...before, ...items.filter((item) => !before.includes(item))]
      : before.filter((item) => !items.includes(item))
  return after.join(',')
}

function givenValue(name: string, value: string | null): string {
  if (value === null) throw invalid(`The config '${name}' has no value; to go back to the default, delete it.`)
  return value
}

const invalid = (why: string) => new KafkaError('INVALID_REQUEST' satisfies ErrorName, why)
