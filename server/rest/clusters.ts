/** `GET /v3/clusters` and `/v3/clusters/{cluster}`: as much of Confluent's v3 as a client needs to find the cluster's id. */
import type { Client } from '../client/client.ts'
import type { Context } from './context.ts'
import { JSON_TYPE, negotiate } from './media_types.ts'
import { sendJson } from './respond.ts'
import { RestError } from './rest_error.ts'

export async function listClusters(ctx: Context): Promise<void> {
  negotiate(ctx.req.headers.accept, [JSON_TYPE])
  const id = await clusterId(ctx.client)
  sendJson(ctx.res, JSON_TYPE, {
    kind: 'KafkaClusterList',
    metadata: { self: link(ctx, '/v3/clusters'), next: null },
    data: [clusterShape(ctx, id)],
  })
}

export async function getCluster(ctx: Context): Promise<void> {
  negotiate(ctx.req.headers.accept, [JSON_TYPE])
  sendJson(ctx.res, JSON_TYPE, clusterShape(ctx, await demandCluster(ctx.client, ctx.params['cluster']!)))
}

/** 404 if it is not this cluster's id. */
export async function demandCluster(client: Client, id: string): Promise<string> {
  if (id !== (await clusterId(client))) throw new RestError(404, `Cluster ${id} cannot be found.`)
  return id
}

async function clusterId(client: Client): Promise<string> {
  const id = await client.cluster.clusterId()
  if (id === null) throw new RestError(50301, 'The cluster does not tell its id.')
  return id
}

const clusterShape = (ctx: Context, id: string) => ({
  kind: 'KafkaCluster',
  metadata: { self: link(ctx, `/v3/clusters/${encodeURIComponent(id)}`), resource_name: `crn:///kafka=${id}` },
  cluster_id: id,
})

const link = ({ req, base }: Context, path: string): string => `http://${req.headers.host ?? 'localhost'}${base}${path}`
