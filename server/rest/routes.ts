/** Every route: the handler, and what the OpenAPI document says about it. */
import { getCluster, listClusters } from './clusters.ts'
import type { Context } from './context.ts'
import { fetchRecords } from './fetch_records.ts'
import { produceV2 } from './produce_v2.ts'
import { produceV3 } from './produce_v3.ts'
import { getOffsets, getPartition, getTopic, listPartitions, listTopics } from './topics.ts'

export interface Route {
  readonly method: 'GET' | 'POST'
  /** Below the base; names in braces match one segment. */
  readonly path: string
  readonly operationId: string
  readonly handle: (ctx: Context) => Promise<void>
}

const get = (path: string, operationId: string, handle: Route['handle']): Route => ({
  method: 'GET',
  path,
  operationId,
  handle,
})
const post = (path: string, operationId: string, handle: Route['handle']): Route => ({
  method: 'POST',
  path,
  operationId,
  handle,
})

export const routes: readonly Route[] = [
  get('/topics', 'listTopics', listTopics),
  get('/topics/{topic}', 'getTopic', getTopic),
  post('/topics/{topic}', 'produceToTopic', produceV2),
  get('/topics/{topic}/partitions', 'listPartitions', listPartitions),
  get('/topics/{topic}/partitions/{partition}', 'getPartition', getPartition),
  post('/topics/{topic}/partitions/{partition}', 'produceToPartition', produceV2),
  get('/topics/{topic}/partitions/{partition}/offsets', 'getOffsets', getOffsets),
  get('/topics/{topic}/partitions/{partition}/records', 'fetchRecords', fetchRecords),
  get('/v3/clusters', 'listClusters', listClusters),
  get('/v3/clusters/{cluster}', 'getCluster', getCluster),
  post('/v3/clusters/{cluster}/topics/{topic}/records', 'produceRecords', produceV3),
]

export interface Match {
  route: Route
  params: Record<string, string>
}

/** The routes whose path matches, whatever their method. Segments are percent-decoded; undefined where that fails. */
export function match(path: string): Match[] | undefined {
  let segments: string[]
  try {
    segments = path.split('/').slice(1).map(decodeURIComponent)
  } catch {
    return undefined
  }
  const found: Match[] = []
  for (const { route, pattern } of compiled) {
    if (pattern.length !== segments.length) continue
    const params: Record<string, string> = {}
    const fits = pattern.every((p, i) => {
      if (p.name === undefined) return p.text === segments[i]
      params[p.name] = segments[i]!
      return segments[i] !== ''
    })
    if (fits) found.push({ route, params })
  }
  return found
}

const compiled = routes.map((route) => ({
  route,
  pattern: route.path
    .split('/')
    .slice(1)
    .map((text) => ({ text, name: /^\{(.+)\}$/.exec(text)?.[1] })),
}))
