/** The endpoint on a port of its own before a fake cluster, and requests to it. Only tests import it. */
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient } from '../client/client.ts'
import { FakeCluster } from '../client/fake_cluster.ts'
import { nodeEnv } from '../env/node.ts'
import { decodeRecords, RecordBatch } from '../records/batch.ts'
import type { RestLimits } from './context.ts'
import { REST_SERVER_OPTIONS, restHandler } from './rest.ts'

export interface Answer {
  status: number
  type: string
  headers: http.IncomingHttpHeaders
  text: string
  /** Of a body that is one JSON value. */
  json: any
  /** Of a body of one JSON value a line. */
  lines: any[]
}

export interface RestWorld {
  fake: FakeCluster
  port: number
  bugs: unknown[]
  send(
    method: string,
    path: string,
    options?: { body?: string | Buffer; headers?: Record<string, string> },
  ): Promise<Answer>
  /** The records of a partition, as text. */
  records(
    topic: string,
    partition: number,
  ): { key: string | null; value: string | null; timestamp: number; headers: [string, string | null][] }[]
  close(): Promise<void>
}

export async function restWorld(limits: Partial<RestLimits> = {}): Promise<RestWorld> {
  const fake = new FakeCluster()
  const env = nodeEnv()
  const address = await fake.start(1, env)
  const client = createClient(env, { bootstrap: [address], callTimeoutMs: 2_000 })
  const bugs: unknown[] = []
  const handler = restHandler({ client, limits, onBug: (error) => bugs.push(error) })
  const server = http.createServer(REST_SERVER_OPTIONS, handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const text = (b: Buffer | null) => b?.toString() ?? null
  return {
    fake,
    port,
    bugs,
    send: (method, path, options = {}) =>
      new Promise((resolve, reject) => {
        const req = http.request(
          { port, method, path: `/rest${path}`, headers: options.headers, agent: false },
          (res) => whole(res).then(resolve, reject),
        )
        req.on('error', reject)
        req.end(options.body)
      }),
    records: (topic, partition) =>
      fake.topics.get(topic)!.partitions[partition]!.log.flatMap((b) =>
        decodeRecords(new RecordBatch(b)).map((r) => ({
          key: text(r.key),
          value: text(r.value),
          timestamp: r.timestamp,
          headers: r.headers.map((h): [string, string | null] => [h.key, text(h.value)]),
        })),
      ),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await handler.close()
      await client.close()
      await fake.close()
    },
  }
}

export async function whole(res: http.IncomingMessage): Promise<Answer> {
  let text = ''
  for await (const chunk of res) text += chunk
  const lines = text.split('\n').filter((l) => l !== '')
  const parsed = (s: string | undefined) => {
    try {
      return JSON.parse(s ?? '')
    } catch {
      return undefined
    }
  }
  return {
    status: res.statusCode!,
    type: res.headers['content-type'] ?? '',
    headers: res.headers,
    text,
    json: parsed(text),
    lines: lines.map(parsed),
  }
}
