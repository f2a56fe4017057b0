/** Which handler serves a path, and how a request finds it. */
import { getCluster, listClusters } from './clusters.ts'
import type { Context } from './context.ts'
import { fetchRecords } from './fetch_records.ts'
import { type OperationId, type Path, paths } from './paths.ts'
import { produceV2 } from './produce_v2.ts'
import { produceV3 } from './produce_v3.ts'
import { getOffsets, getPartition, getTopic, listPartitions, listTopics } from './topics.ts'

type Handler = (ctx: Context) => Promise<void>

const handlers: Readonly<Record<OperationId, Handler>> = {
  listTopics,
  getTopic,
  produceToTopic: produceV2,
  listPartitions,
  getPartition,
  produceToPartition: produceV2,
  getOffsets,
  fetchRecords,
  listClusters,
  getCluster,
  produceRecords: produceV3,
}

export interface Match {
  method: Path['method']
  handle: Handler
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
  for (const { method, operationId, pattern } of compiled) {
    if (pattern.length !== segments.length) continue
    const params: Record<string, string> = {}
    const fits = pattern.every((p, i) => {
      if (p.name === undefined) return p.text === segments[i]
      params[p.name] = segments[i]!
      return segments[i] !== ''
    })
    if (fits) found.push({ method, handle: handlers[operationId], params })
  }
  return found
}

const compiled = paths.map((path) => ({
  ...path,
  pattern: path.path
    .split('/')
    .slice(1)
    .map((text) => ({ text, name: /^\{(.+)\}$/.exec(text)?.[1] })),
}))
