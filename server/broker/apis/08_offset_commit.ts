/**
 * OffsetCommit (8). Partitions that do not exist are refused one by one; the rest goes to the group's coordinator and is
 * durable when it answers. v10 names topics by id. Version 0 wrote to ZooKeeper once; here it commits like the others.
 */
import { errorCode, KafkaError } from '../../protocol/errors.ts'
import { OffsetCommit } from '../../protocol/messages/08_offset_commit.ts'
import { handler, type RequestContext } from '../handler.ts'
import { partitionError, type TopicKey, topicOf } from './partition_error.ts'

export const OffsetCommitHandler = handler(OffsetCommit, {
  async handle(request, context) {
    const known: typeof request.topics = []
    const topics = request.topics.map((topic) => {
      const checked = topic.partitions.map((p) => ({
        partitionIndex: p.partitionIndex,
        errorCode: refusal(topic, p.partitionIndex, context),
      }))
      const partitions = topic.partitions.filter((_, i) => checked[i]!.errorCode === errorCode.NONE)
      if (partitions.length > 0) known.push({ ...identity(topic, context), partitions })
      return { topicId: topic.topicId, name: topic.name, partitions: checked }
    })
    // Asked also when nothing is left: a member that is unknown should hear of that.
    const answer = await context.broker.groups.offsetCommit(context, { ...request, topics: known })
    const codes = new Map(
      answer.topics.flatMap((t) => t.partitions.map((p) => [`${t.name} ${p.partitionIndex}`, p.errorCode])),
    )
    for (const topic of topics) {
      for (const p of topic.partitions) {
        if (p.errorCode !== errorCode.NONE) continue
        p.errorCode = codes.get(`${topicOf(topic, context)} ${p.partitionIndex}`) ?? errorCode.UNKNOWN_SERVER_ERROR
      }
    }
    return { topics }
  },
  fail: (request, { code }) => ({
    topics: request.topics.map((t) => ({
      topicId: t.topicId,
      name: t.name,
      partitions: t.partitions.map((p) => ({ partitionIndex: p.partitionIndex, errorCode: code })),
    })),
  }),
})

/** The coordinator keeps the id too: offsets of a topic that was deleted are not those of its successor. */
function identity(topic: TopicKey, context: RequestContext): TopicKey {
  const name = topicOf(topic, context)
  return { name, topicId: context.broker.metadata.topic(name)!.topicId }
}

function refusal(topic: TopicKey, index: number, context: RequestContext): number {
  try {
    const partitions = context.broker.metadata.topic(topicOf(topic, context))?.partitions
    if (!partitions || index < 0 || index >= partitions.length) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION')
    return errorCode.NONE
  } catch (error) {
    return partitionError(error, context).code
  }
}
