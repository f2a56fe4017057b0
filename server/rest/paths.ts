/** Every path of the endpoint. What each does is in `routes.ts`, what is said about it in `openapi.ts`. */

export interface Path {
  readonly method: 'GET' | 'POST'
  /** Below the base; names in braces match one segment. */
  readonly path: string
  readonly operationId: string
}

export const paths = [
  { method: 'GET', path: '/topics', operationId: 'listTopics' },
  { method: 'GET', path: '/topics/{topic}', operationId: 'getTopic' },
  { method: 'POST', path: '/topics/{topic}', operationId: 'produceToTopic' },
  { method: 'GET', path: '/topics/{topic}/partitions', operationId: 'listPartitions' },
  { method: 'GET', path: '/topics/{topic}/partitions/{partition}', operationId: 'getPartition' },
  { method: 'POST', path: '/topics/{topic}/partitions/{partition}', operationId: 'produceToPartition' },
  { method: 'GET', path: '/topics/{topic}/partitions/{partition}/offsets', operationId: 'getOffsets' },
  { method: 'GET', path: '/topics/{topic}/partitions/{partition}/records', operationId: 'fetchRecords' },
  { method: 'GET', path: '/v3/clusters', operationId: 'listClusters' },
  { method: 'GET', path: '/v3/clusters/{cluster}', operationId: 'getCluster' },
  { method: 'POST', path: '/v3/clusters/{cluster}/topics/{topic}/records', operationId: 'produceRecords' },
] as const satisfies readonly Path[]

export type OperationId = (typeof paths)[number]['operationId']
