/**
 * `POST /topics/{topic}` and `/topics/{topic}/partitions/{partition}` as Confluent's REST Proxy v2, JSON and binary.
 * A request is read and checked wholly before anything of it is sent on, so one that is wrong writes nothing.
 */
import type { KafkaError } from '../protocol/errors.ts'
import type { Context } from './context.ts'
import { demandType, negotiate, V2_ANSWERS, V2_RECORDS } from './media_types.ts'
import { readV2Records, type V2Record } from './record_json.ts'
import { readBody, sendText } from './respond.ts'
import { fromKafka, RestError } from './rest_error.ts'
import { findTopic, partitionParam } from './topics.ts'

export async function produceV2(ctx: Context): Promise<void> {
  const { req, res, params, limits, producer, client } = ctx
  const answerType = negotiate(req.headers.accept, V2_ANSWERS)
  const type = demandType(req.headers, Object.values(V2_RECORDS))
  const embedded = type === V2_RECORDS.json ? 'json' : 'binary'
  const topic = params['topic']!
  const known = await findTopic(client, topic)
  const fixed = params['partition'] === undefined ? null : partitionParam(known, params['partition'])
  const { body, release } = await readBody(ctx)
  try {
    const records = readV2Records(body, embedded, fixed === null)
    for (const [i, r] of records.entries()) check(r, i, known.partitions.length, limits.maxRecordBytes)
    const results = new Array<string>(records.length)
    while (producer.full) await producer.ready()
    await new Promise<void>((resolve) => {
      let open = records.length
      const settle = (i: number, text: string) => {
        results[i] = text
        if (--open === 0) resolve()
      }
      for (const [i, { key, value, partition }] of records.entries()) {
        producer.enqueue(
          { topic, key, value, partition: fixed ?? partition },
          { delivered: (p, offset) => settle(i, delivered(p, offset)), failed: (error) => settle(i, failed(error)) },
        )
      }
    })
    sendText(res, 200, answerType, `{"offsets":[${results.join(',')}],"key_schema_id":null,"value_schema_id":null}`)
  } finally {
    release()
  }
}

function check(r: V2Record, i: number, partitions: number, maxRecordBytes: number): void {
  if (r.partition !== null && r.partition >= partitions) {
    throw new RestError(40402, `Partition not found: records[${i}] names partition ${r.partition} of ${partitions}.`)
  }
  const bytes = (r.key?.length ?? 0) + (r.value?.length ?? 0)
  if (bytes > maxRecordBytes) {
    throw new RestError(413, `records[${i}] has ${bytes} bytes, the limit is ${maxRecordBytes}.`)
  }
}

const delivered = (partition: number, offset: number | null): string =>
  `{"partition":${partition},"offset":${offset ?? -1},"error_code":null,"error":null}`

function failed(error: KafkaError): string {
  const { code, message } = fromKafka(error)
  return `{"partition":null,"offset":null,"error_code":${code},"error":${JSON.stringify(message)}}`
}
