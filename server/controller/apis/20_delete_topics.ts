/** DeleteTopics (20): by name, from v6 on by id as well (KIP-516). Names go at once, files after file.delete.delay.ms. */
import { DeleteTopics } from '../../protocol/messages/20_delete_topics.ts'
import { handler } from '../handler.ts'

export const DeleteTopicsHandler = handler(DeleteTopics, {
  handle: (request, { controller, charge, version }) =>
    controller.deleteTopics(request, (partitions) => charge(partitions, version >= 5)),
  fail: (request, { code, detail, version }) => ({
    responses:
      version >= 6
        ? request.topics.map(({ name, topicId }) => ({ name, topicId, errorCode: code, errorMessage: detail }))
        : request.topicNames.map((name) => ({ name, errorCode: code, errorMessage: detail })),
  }),
})
