/** The OpenAPI 3.1 document of this endpoint. `openapi.test.ts` holds it against the routes. */
import { FETCH_PARAMETERS } from './fetch_parameters.ts'
import { JSON_TYPE, V2_ANSWERS, V2_RECORDS } from './media_types.ts'
import { type OperationId, paths } from './paths.ts'
import { REST_ERRORS, type RestCode } from './rest_error.ts'

type Json = { [key: string]: unknown }

interface Operation {
  tag: 'Records' | 'Topics' | 'Clusters'
  summary: string
  description?: string
  query?: Json[]
  body?: { types: readonly string[]; schema: string; example: { [type: string]: unknown }; description?: string }
  answer: { types: readonly string[]; schema: Json; example: unknown; description: string }
  /** Beside those that every operation has. */
  errors: readonly RestCode[]
}

const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` })
const list = (name: string): Json => ({ type: 'array', items: ref(name) })
const query = (name: keyof typeof FETCH_PARAMETERS, description: string): Json => ({
  name,
  in: 'query',
  description,
  schema: {
    type: 'integer',
    format: 'int64',
    minimum: 0,
    maximum: FETCH_PARAMETERS[name].highest,
    ...(FETCH_PARAMETERS[name].absent >= 0 && { default: FETCH_PARAMETERS[name].absent }),
  },
})

const V2_BODY_EXAMPLES = {
  [V2_RECORDS.json]: { records: [{ key: 'k1', value: { id: 1 } }, { value: { id: 2 } }] },
  [V2_RECORDS.binary]: { records: [{ key: 'azE=', value: 'eyJpZCI6MX0=' }] },
}
const V2_OFFSETS = {
  offsets: [{ partition: 0, offset: 100, error_code: null, error: null }],
  key_schema_id: null,
  value_schema_id: null,
}
const PARTITION = { partition: 0, leader: 1, replicas: [{ broker: 1, leader: true, in_sync: true }] }
const CLUSTER = {
  kind: 'KafkaCluster',
  metadata: { self: 'http://localhost:3000/rest/v3/clusters/abc', resource_name: 'crn:///kafka=abc' },
  cluster_id: 'abc',
}

const v2Produce = (summary: string, schema: string): Operation => ({
  tag: 'Records',
  summary,
  description:
    'The request is checked wholly before anything is written. What the cluster refuses is told for each record, with ' +
    '`partition` and `offset` null and `error_code` 50003 where a retry may help. JSON is written as the very text that was sent.',
  body: { types: Object.values(V2_RECORDS), schema, example: V2_BODY_EXAMPLES },
  answer: {
    types: V2_ANSWERS,
    schema: ref('V2ProduceAnswer'),
    example: V2_OFFSETS,
    description: 'One entry a record, in the same order.',
  },
  errors: [400, 40401, 40402, 408, 413, 415, 42203, 42206],
})

const operations: Readonly<Record<OperationId, Operation>> = {
  listTopics: {
    tag: 'Topics',
    summary: 'Names of all topics',
    answer: {
      types: V2_ANSWERS,
      schema: { type: 'array', items: { type: 'string' } },
      example: ['orders'],
      description: 'Sorted.',
    },
    errors: [],
  },
  getTopic: {
    tag: 'Topics',
    summary: 'One topic, its configs and partitions',
    answer: {
      types: V2_ANSWERS,
      schema: ref('Topic'),
      example: { name: 'orders', configs: { 'retention.ms': '604800000' }, partitions: [PARTITION] },
      description: 'The topic.',
    },
    errors: [40401],
  },
  produceToTopic: v2Produce('Produce records (v2)', 'V2ProduceToTopic'),
  listPartitions: {
    tag: 'Topics',
    summary: 'Partitions of a topic',
    answer: { types: V2_ANSWERS, schema: list('Partition'), example: [PARTITION], description: 'By number.' },
    errors: [40401],
  },
  getPartition: {
    tag: 'Topics',
    summary: 'One partition',
    answer: { types: V2_ANSWERS, schema: ref('Partition'), example: PARTITION, description: 'The partition.' },
    errors: [40401, 40402],
  },
  produceToPartition: v2Produce('Produce records to one partition (v2)', 'V2ProduceToPartition'),
  getOffsets: {
    tag: 'Topics',
    summary: 'Where a partition begins and ends',
    answer: {
      types: V2_ANSWERS,
      schema: ref('Offsets'),
      example: { beginning_offset: 0, end_offset: 10 },
      description: '`end_offset` is the offset that the next record will get.',
    },
    errors: [40401, 40402],
  },
  fetchRecords: {
    tag: 'Records',
    summary: 'Read records',
    description:
      'Stateless: read on at the last offset plus one. Waits up to `timeout` ms for a record and answers with what there is, ' +
      'an empty array if there is none.',
    query: [
      query('offset', 'Where to begin. Absent: the first record there is.'),
      query('timeout', 'How long to wait for a record, in ms.'),
      query(
        'max_bytes',
        'Keys and values of the answer together, before encoding; one record is answered in any case.',
      ),
    ],
    answer: {
      types: [V2_RECORDS.binary, V2_RECORDS.json, JSON_TYPE],
      schema: list('FetchedRecord'),
      example: [{ topic: 'orders', key: 'k1', value: { id: 1 }, partition: 0, offset: 5 }],
      description: 'Keys and values as base64, or as JSON where `Accept` asks for that.',
    },
    errors: [40001, 40002, 40401, 40402, 40801],
  },
  listClusters: {
    tag: 'Clusters',
    summary: 'The cluster, as a list of one',
    answer: {
      types: [JSON_TYPE],
      schema: ref('ClusterList'),
      example: {
        kind: 'KafkaClusterList',
        metadata: { self: 'http://localhost:3000/rest/v3/clusters', next: null },
        data: [CLUSTER],
      },
      description: 'Where a client finds the id for the v3 paths.',
    },
    errors: [],
  },
  getCluster: {
    tag: 'Clusters',
    summary: 'The cluster',
    answer: { types: [JSON_TYPE], schema: ref('Cluster'), example: CLUSTER, description: 'The cluster.' },
    errors: [],
  },
  produceRecords: {
    tag: 'Records',
    summary: 'Produce records, one or a stream of them (v3)',
    description:
      'The body is one JSON object, or any number of them one after the other, sent for as long as the client likes. ' +
      'Each is answered by one object in the same order as soon as it is acknowledged; `error_code` 200 is success. ' +
      'A record that is wrong is told in its place and the others go on; what is not JSON ends the request.',
    body: {
      types: [JSON_TYPE],
      schema: 'V3Record',
      example: {
        [JSON_TYPE]: {
          partition_id: 0,
          headers: [{ name: 'h1', value: 'dmFsdWU=' }],
          key: { type: 'BINARY', data: 'azE=' },
          value: { type: 'JSON', data: { id: 1 } },
          timestamp: '2026-01-02T03:04:05.678Z',
        },
      },
      description: 'One object, or many concatenated.',
    },
    answer: {
      types: [JSON_TYPE],
      schema: { oneOf: [ref('V3Answer'), ref('Error')] },
      example: {
        error_code: 200,
        cluster_id: 'abc',
        topic_name: 'orders',
        partition_id: 0,
        offset: 42,
        timestamp: '2026-01-02T03:04:05.678Z',
        key: { type: 'BINARY', size: 2 },
        value: { type: 'JSON', size: 8 },
      },
      description: 'One object a record, each on a line.',
    },
    errors: [400, 40002, 40401, 40402, 408, 413, 415, 42206],
  },
}

/** Every operation may answer with these. */
const ALWAYS: readonly RestCode[] = [40101, 40301, 404, 405, 406, 500, 50002, 50003, 50301]

const integer = (format: 'int32' | 'int64'): Json => ({ type: 'integer', format })
const nullable = (schema: Json): Json => ({ oneOf: [schema, { type: 'null' }] })
const object = (properties: Json, required: readonly string[] = Object.keys(properties)): Json => ({
  type: 'object',
  properties,
  required,
})
const string = { type: 'string' }
const base64 = { type: 'string', contentEncoding: 'base64' }

const v2Record = (more: Json): Json => ({
  ...object(
    {
      key: { description: 'Any JSON, or base64 in a string, by the content type.' },
      value: { description: 'The same; null is a tombstone.' },
      ...more,
    },
    [],
  ),
  additionalProperties: false,
})
const v2Body = (record: Json): Json => ({
  ...object({ records: { type: 'array', minItems: 1, items: record } }),
  additionalProperties: false,
})
const v3Part: Json = {
  ...object(
    {
      type: { enum: ['BINARY', 'JSON', 'STRING'] },
      data: { description: 'Base64, any JSON, or a string; null is a null.' },
    },
    ['type'],
  ),
}
const metadata = object({ self: { type: 'string', format: 'uri' }, resource_name: string })

const schemas: Json = {
  Error: object({
    error_code: { type: 'integer', description: 'The first three digits are the HTTP status.' },
    message: string,
  }),
  V2ProduceToTopic: v2Body(v2Record({ partition: nullable(integer('int32')) })),
  V2ProduceToPartition: v2Body(v2Record({})),
  V2ProduceAnswer: object({
    offsets: {
      type: 'array',
      items: object({
        partition: nullable(integer('int32')),
        offset: nullable(integer('int64')),
        error_code: nullable({ type: 'integer' }),
        error: nullable(string),
      }),
    },
    key_schema_id: { type: 'null' },
    value_schema_id: { type: 'null' },
  }),
  V3Record: {
    ...object(
      {
        partition_id: nullable(integer('int32')),
        headers: { type: 'array', items: object({ name: string, value: nullable(base64) }, ['name']) },
        key: nullable(v3Part),
        value: nullable(v3Part),
        timestamp: nullable({ type: 'string', format: 'date-time' }),
      },
      [],
    ),
    additionalProperties: false,
  },
  V3Answer: object(
    {
      error_code: { const: 200 },
      cluster_id: string,
      topic_name: string,
      partition_id: integer('int32'),
      offset: integer('int64'),
      timestamp: { type: 'string', format: 'date-time' },
      key: object({ type: string, size: integer('int32') }),
      value: object({ type: string, size: integer('int32') }),
    },
    ['error_code', 'cluster_id', 'topic_name', 'partition_id', 'offset', 'timestamp'],
  ),
  FetchedRecord: object({
    topic: string,
    key: { description: 'Base64 or JSON, or null.' },
    value: { description: 'Base64 or JSON, or null.' },
    partition: integer('int32'),
    offset: integer('int64'),
  }),
  Topic: object({
    name: string,
    configs: { type: 'object', additionalProperties: nullable(string) },
    partitions: list('Partition'),
  }),
  Partition: object({
    partition: integer('int32'),
    leader: { ...integer('int32'), description: 'Node id, -1 while there is none.' },
    replicas: {
      type: 'array',
      items: object({ broker: integer('int32'), leader: { type: 'boolean' }, in_sync: { type: 'boolean' } }),
    },
  }),
  Offsets: object({ beginning_offset: integer('int64'), end_offset: integer('int64') }),
  Cluster: object({ kind: { const: 'KafkaCluster' }, metadata, cluster_id: string }),
  ClusterList: object({
    kind: { const: 'KafkaClusterList' },
    metadata: object({ self: { type: 'string', format: 'uri' }, next: { type: 'null' } }),
    data: list('Cluster'),
  }),
}

const PATH_PARAMETERS: { [name: string]: Json } = {
  topic: { schema: string, description: 'Name of the topic, percent-encoded.' },
  partition: { schema: { ...integer('int32'), minimum: 0 }, description: 'Number of the partition.' },
  cluster: { schema: string, description: 'Id of the cluster, as `GET /v3/clusters` tells it.' },
}

export function openApi(base: string): Json {
  const items: { [path: string]: Json } = {}
  for (const { method, path, operationId } of paths) {
    const item = (items[path] ??= parametersOf(path))
    item[method.toLowerCase()] = operationJson(operationId, operations[operationId])
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Weir HTTP',
      version: '1.0.0',
      summary: 'Produce and read records over HTTP.',
      description:
        'Shapes, content types and error codes are those of Confluent REST Proxy v2 and v3; reading without a consumer is ' +
        'that of Redpanda. Errors are `{"error_code", "message"}`, where the first three digits are the HTTP status.',
    },
    servers: [{ url: base }],
    tags: [{ name: 'Records' }, { name: 'Topics' }, { name: 'Clusters' }],
    paths: items,
    components: { schemas },
  }
}

function parametersOf(path: string): Json {
  const names = [...path.matchAll(/\{(.+?)\}/g)].map((m) => m[1]!)
  if (names.length === 0) return {}
  return { parameters: names.map((name) => ({ name, in: 'path', required: true, ...PATH_PARAMETERS[name] })) }
}

function operationJson(operationId: string, o: Operation): Json {
  const content = (types: readonly string[], schema: Json, example: (type: string) => unknown): Json =>
    Object.fromEntries(types.map((type) => [type, { schema, example: example(type) }]))
  return {
    operationId,
    tags: [o.tag],
    summary: o.summary,
    ...(o.description && { description: o.description }),
    ...(o.query && { parameters: o.query }),
    ...(o.body && {
      requestBody: {
        required: true,
        ...(o.body.description && { description: o.body.description }),
        content: content(o.body.types, ref(o.body.schema), (type) => o.body!.example[type]),
      },
    }),
    responses: {
      200: {
        description: o.answer.description,
        content: content(o.answer.types, o.answer.schema, () => o.answer.example),
      },
      ...errorResponses([...o.errors, ...ALWAYS]),
    },
  }
}

/** One response a status, with an example a code. */
function errorResponses(codes: readonly RestCode[]): Json {
  const byStatus = new Map<number, RestCode[]>()
  for (const code of codes) {
    const status = code < 1000 ? code : Math.floor(code / 100)
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, all]) => [
      status,
      {
        description: all.map((code) => `${code}: ${REST_ERRORS[code]}`).join('\n\n'),
        content: {
          [JSON_TYPE]: {
            schema: ref('Error'),
            examples: Object.fromEntries(
              all.map((code) => [code, { value: { error_code: code, message: REST_ERRORS[code] } }]),
            ),
          },
        },
      },
    ]),
  )
}
