/** AlterClientQuotas (49, KIP-546): sets and removes quotas; each entity by itself, all that are in order in one batch. */
import { KafkaError } from '../../protocol/errors.ts'
import type { AlterClientQuotas } from '../../protocol/messages/49_alter_client_quotas.ts'
import type { Infer, Input } from '../../protocol/schema.ts'
import { checkQuota, quotasOf } from '../client_quotas.ts'
import { MAX_RECORDS_PER_REQUEST, type MetadataCommand } from '../context.ts'
import { quotaKey } from '../image/apply.ts'
import type { MetadataImage } from '../image.ts'
import { type MetadataRecord, metadataRecord } from '../record_codec.ts'
import { attempt, failed, succeeded } from './results.ts'

type Request = Infer<typeof AlterClientQuotas.request>
type Response = Input<typeof AlterClientQuotas.response>
type Entry = Request['entries'][number]

export const alterClientQuotas =
  (request: Request): MetadataCommand<Response> =>
  (image) => {
    const records: MetadataRecord[] = []
    const answers = new Map<string, Response['entries'][number]>()
    for (const entry of request.entries) {
      const key = quotaKey(entry.entity)
      const made = attempt(() => {
        if (answers.has(key)) throw new KafkaError('INVALID_REQUEST', 'The request names this entity twice.')
        const made = alter(image, entry)
        if (records.length + made.length > MAX_RECORDS_PER_REQUEST) {
          throw new KafkaError('POLICY_VIOLATION', `One request may change at most ${MAX_RECORDS_PER_REQUEST} quotas.`)
        }
        return made
      })
      const outcome = made instanceof KafkaError ? failed(made) : succeeded
      if (!(made instanceof KafkaError)) records.push(...made)
      answers.set(key, { ...outcome, entity: entry.entity })
    }
    return {
      records: request.validateOnly ? [] : records,
      reply: { throttleTimeMs: 0, entries: [...answers.values()] },
    }
  }

function alter(image: MetadataImage, { entity, ops }: Entry): MetadataRecord[] {
  const types = entity.map((e) => e.entityType)
  if (new Set(types).size < types.length) {
    throw new KafkaError('INVALID_REQUEST', 'The entity has two names of the same kind.')
  }
  if (new Set(ops.map((op) => op.key)).size < ops.length) {
    throw new KafkaError('INVALID_REQUEST', 'The request changes a quota of this entity twice.')
  }
  const rows = quotasOf(entity)
  const present = image.clientQuotas.get(quotaKey(entity))?.values
  return ops.flatMap(({ key, value, remove }) => {
    if (!remove) checkQuota(rows, key, value)
    // What is so already is not written, and what is not there cannot be removed.
    if (remove ? present?.has(key) !== true : present?.get(key) === value) return []
    return metadataRecord('ClientQuotaRecord', { entity, key, value: remove ? 0 : value, remove })
  })
}
