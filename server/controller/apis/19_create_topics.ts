/** CreateTopics (19): the controller's to decide; when it answers, the partitions exist here and take records. */

import { CreateTopics } from '../../protocol/messages/19_create_topics.ts'
import { ZERO_UUID } from '../../protocol/schema.ts'
import { handler } from '../handler.ts'

export const CreateTopicsHandler = handler(CreateTopics, {
  handle: (request, { controller, charge, version }) =>
    controller.createTopics(request, (partitions) => charge(partitions, version >= 6)),
  fail: (request, { code, detail }) => ({
    topics: request.topics.map(({ name }) => ({ name, topicId: ZERO_UUID, errorCode: code, errorMessage: detail })),
  }),
})
