/** CreatePartitions (37): a topic's number of partitions can only grow. */
import { CreatePartitions } from '../../protocol/messages/37_create_partitions.ts'
import { handler } from '../handler.ts'

export const CreatePartitionsHandler = handler(CreatePartitions, {
  handle: (request, { controller, charge, version }) =>
    controller.createPartitions(request, (partitions) => charge(partitions, version >= 3)),
  fail: (request, { code, detail }) => ({
    results: request.topics.map(({ name }) => ({ name, errorCode: code, errorMessage: detail })),
  }),
})
