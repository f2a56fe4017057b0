/**
 * OffsetFetch (9): what groups have committed. v8 asks for many groups at once (KIP-709); v10 names topics by id, which are
 * names to the coordinator: only the translation is done here. Null topics mean all that the group has committed.
 */
import { distinct } from '../../lib/distinct.ts'
import { errorCode } from '../../protocol/errors.ts'
import { OffsetFetch } from '../../protocol/messages/09_offset_fetch.ts'
import { type Infer, ZERO_UUID } from '../../protocol/schema.ts'
import type { ClusterView } from '../cluster_view.ts'
import { handler } from '../handler.ts'

const TOPIC_IDS_SINCE = 10

type Request = Infer<typeof OffsetFetch.request>
type GroupRequest = Request['groups'][number]
type GroupAnswer = Infer<typeof OffsetFetch.response>['groups'][number]
type AskedTopic = NonNullable<GroupRequest['topics']>[number]

export const OffsetFetchHandler = handler(OffsetFetch, {
  async handle(request, context) {
    const { groups, metadata } = context.broker
    // Each once: all that a group has committed may be much, and a request may name many groups.
    const asked = distinct(request.groups, (g) => g.groupId)
    if (context.version < TOPIC_IDS_SINCE) return groups.offsetFetch(context, { ...request, groups: asked })
    const answer = await groups.offsetFetch(context, {
      ...request,
      groups: asked.map((g) => ({ ...g, topics: g.topics && named(g.topics, metadata) })),
    })
    return { ...answer, groups: answer.groups.map((g, i) => withIds(g, asked[i]!, metadata)) }
  },
  fail: (request, { code, version }) => ({
    groups: request.groups.map((g) => ({ groupId: g.groupId, topics: [], errorCode: code })),
    errorCode: code,
    // Before version 2 an error has its place in the partitions only.
    topics: version >= 2 ? [] : (request.topics ?? []).map((t) => unknownTopic({ ...t, topicId: ZERO_UUID }, code)),
  }),
})

const named = (topics: readonly AskedTopic[], metadata: ClusterView): AskedTopic[] =>
  topics.flatMap((t) => {
    const name = metadata.topicName(t.topicId)
    return name === undefined ? [] : [{ ...t, name }]
  })

/** Adds the ids, and the topics asked for that do not exist. A topic that is gone has no id to be told by. */
function withIds(answer: GroupAnswer, asked: GroupRequest, metadata: ClusterView): GroupAnswer {
  const known = answer.topics.flatMap((t) => {
    const topicId = metadata.topic(t.name)?.topicId
    return topicId === undefined ? [] : [{ ...t, topicId }]
  })
  const unknown = (asked.topics ?? [])
    .filter((t) => metadata.topicName(t.topicId) === undefined)
    .map((t) => unknownTopic(t, errorCode.UNKNOWN_TOPIC_ID))
  return { ...answer, topics: [...known, ...unknown] }
}

const unknownTopic = (topic: AskedTopic, code: number): GroupAnswer['topics'][number] => ({
  name: topic.name,
  topicId: topic.topicId,
  partitions: topic.partitionIndexes.map((partitionIndex) => ({
    partitionIndex,
    committedOffset: -1,
    committedLeaderEpoch: -1,
    metadata: '',
    errorCode: code,
  })),
})
