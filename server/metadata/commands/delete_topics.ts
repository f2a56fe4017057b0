/** DeleteTopics (20): by name, from v6 on also by id (KIP-516). */
import { duplicates } from '../../lib/duplicates.ts'
import { KafkaError } from '../../protocol/errors.ts'
import type { DeleteTopics } from '../../protocol/messages/20_delete_topics.ts'
import { type Infer, type Input, ZERO_UUID } from '../../protocol/schema.ts'
import type { ChargePartitions, ControllerContext, MetadataCommand } from '../context.ts'
import type { MetadataImage } from '../image.ts'
import { type MetadataRecord, metadataRecord } from '../record_codec.ts'
import { attempt, failed, succeeded } from './results.ts'

type Request = Infer<typeof DeleteTopics.request>
type Response = Input<typeof DeleteTopics.response>
type Wanted = Request['topics'][number]

export const deleteTopics =
  (request: Request, { settings }: ControllerContext, charge?: ChargePartitions): MetadataCommand<Response> =>
  (image) => {
    const wanted: Wanted[] = [...request.topicNames.map((name) => ({ name, topicId: ZERO_UUID })), ...request.topics]
    const twice = duplicates(wanted.map((w) => identity(image, w)))
    const namedById = new Set(wanted.filter((w) => w.name === null).map((w) => w.topicId))
    const answered = new Set<string>()
    const records: MetadataRecord[] = []
    const responses: Response['responses'][number][] = []
    for (const w of wanted) {
      const id = identity(image, w)
      if (answered.has(id)) continue
      answered.add(id)
      const found = attempt(() => {
        if (!settings.deleteTopicEnable) {
          throw new KafkaError(
            'TOPIC_DELETION_DISABLED',
            'Topics cannot be deleted while delete.topic.enable is false.',
          )
        }
        if (twice.has(id)) throw new KafkaError('INVALID_REQUEST', 'The request names this topic twice.')
        const topic = find(image, w)
        charge?.(image.topicById(topic.topicId)!.partitions.length)
        return topic
      })
      if (found instanceof KafkaError) {
        // Named once by name and once by id it is told by both.
        const topic = twice.has(id) && namedById.has(id) ? image.topicById(id) : undefined
        responses.push({ name: topic?.name ?? w.name, topicId: topic?.topicId ?? w.topicId, ...failed(found) })
      } else {
        records.push(metadataRecord('RemoveTopicRecord', { topicId: found.topicId }))
        responses.push({ name: found.name, topicId: found.topicId, ...succeeded })
      }
    }
    return { records, reply: { throttleTimeMs: 0, responses } }
  }

/** The same for a topic named once by name and once by id. */
const identity = (image: MetadataImage, w: Wanted): string =>
  w.name === null ? w.topicId : (image.topic(w.name)?.topicId ?? `/${w.name}`)

function find(image: MetadataImage, { name, topicId }: Wanted): { name: string; topicId: string } {
  if (name === null) {
    if (topicId === ZERO_UUID)
      throw new KafkaError('INVALID_REQUEST', 'Neither a name nor an id says which topic to delete.')
    const topic = image.topicById(topicId)
    if (topic === undefined) throw new KafkaError('UNKNOWN_TOPIC_ID')
    return topic
  }
  if (topicId !== ZERO_UUID)
    throw new KafkaError('INVALID_REQUEST', 'Say which topic to delete by name or by id, not by both.')
  const topic = image.topic(name)
  if (topic === undefined) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION')
  return topic
}
