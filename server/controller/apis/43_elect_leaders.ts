/** ElectLeaders (43): the controller's to decide. v0 knows preferred leaders only and no error for the whole request. */
import { ElectLeaders } from '../../protocol/messages/43_elect_leaders.ts'
import { handler } from '../handler.ts'

export const ElectLeadersHandler = handler(ElectLeaders, {
  handle: (request, { controller }) => controller.electOnRequest(request),
  fail: (request, { code, detail }) => ({
    errorCode: code,
    replicaElectionResults: (request.topicPartitions ?? []).map(({ topic, partitions }) => ({
      topic,
      partitionResult: partitions.map((partitionId) => ({ partitionId, errorCode: code, errorMessage: detail })),
    })),
  }),
})
