/** The light client that measures (probe/main.go): built once a run, one line of JSON a call. */
import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cache, root } from '../lib/paths.ts'
import { start, until } from '../lib/processes.ts'

const program = join(cache, 'weir/probe')

export function buildProbe(): void {
  mkdirSync(join(cache, 'weir'), { recursive: true })
  const built = spawnSync('go', ['build', '-o', program, '.'], { cwd: join(root, 'e2e/bench/probe'), encoding: 'utf8' })
  if (built.status !== 0) throw new Error(`building the probe failed: ${built.stderr ?? built.error?.message}`)
}

async function probe<T>(...args: (string | number)[]): Promise<T> {
  const { stdout } = await promisify(execFile)(program, args.map(String), { timeout: 120_000 })
  return JSON.parse(stdout.trim().split('\n').at(-1)!)
}

/** All rates in records a second. */
export interface Rate {
  records: number
  records_s: number
}

interface Percentiles {
  p50: number
  p99: number
}

/** ms from `t0Ms` (epoch) to the first accepted connection, the first answer, the first acknowledged record. */
export const ready = (bootstrap: string, t0Ms: number, factor = 1) =>
  probe<{ tcp_ms: number; metadata_ms: number; produce_ms: number }>('ready', bootstrap, Math.round(t0Ms * 1e6), factor)

export const createTopic = (bootstrap: string, topic: string, partitions: number, factor = 1) =>
  probe('create', bootstrap, topic, partitions, factor)

export const deleteTopic = (bootstrap: string, topic: string) => probe('delete', bootstrap, topic)

/** Seconds to create `count` topics of that many partitions, `perRequest` in a request, and to delete them again. */
export const topics = (bootstrap: string, prefix: string, count: number, partitions: number, perRequest: number) =>
  probe<{ create_s: number; delete_s: number }>('topics', bootstrap, prefix, count, partitions, perRequest)

export interface Load {
  records: number
  /** Bytes of a record's value. */
  size: number
  acks: '1' | 'all'
  batchBytes: number
  codec: 'none' | 'lz4'
}

export async function produce(
  bootstrap: string,
  topic: string,
  { records, size, acks, batchBytes, codec }: Load,
): Promise<Rate> {
  const load = [records, size, acks, batchBytes, codec]
  const rate = await probe<Rate & { errors: number }>('produce', bootstrap, topic, ...load)
  if (rate.errors > 0) throw new Error(`${rate.errors} of ${records} records were refused`)
  return rate
}

export async function consume(bootstrap: string, topic: string, records: number): Promise<Rate> {
  const rate = await probe<Rate>('consume', bootstrap, topic, records)
  if (rate.records < records) throw new Error(`only ${rate.records} of ${records} records came`)
  return rate
}

/** ms from produce to fetch, at `perSecond` records of 100 bytes. */
export async function endToEnd(
  bootstrap: string,
  topic: string,
  perSecond: number,
  seconds: number,
  acks: Load['acks'],
): Promise<Percentiles> {
  const { sent, received, e2e_ms } = await probe<{ sent: number; received: number; e2e_ms: Percentiles }>(
    'e2e',
    bootstrap,
    topic,
    perSecond,
    seconds,
    100,
    acks,
  )
  if (received < sent) throw new Error(`only ${received} of ${sent} records came`)
  return e2e_ms
}

/** ms since the epoch: the last acknowledgement of the leader that was ended, and the first of another. */
export interface Failover {
  lastMs: number
  firstMs: number
}

/** Writes to partition 0 while `end` ends its leader. */
export async function failover(
  bootstrap: string,
  topic: string,
  end: (leader: number) => Promise<void>,
): Promise<Failover> {
  const running = start(program, ['failover', bootstrap, topic])
  const told = (pattern: RegExp) => () => pattern.exec(running.output())?.[1]
  const leader = await until(told(/^leader (\d+)$/m), { what: 'a leader that acknowledges', process: running })
  await end(Number(leader))
  await running.ended
  const found = /^\{.*\}$/m.exec(running.output())
  if (!found) throw new Error(`no failover was seen: ${running.output()}`)
  const { last_ns, first_ns } = JSON.parse(found[0])
  return { lastMs: last_ns / 1e6, firstMs: first_ns / 1e6 }
}

export async function stream(
  url: string,
  bootstrap: string,
  topic: string,
  records: number,
  size: number,
): Promise<Rate> {
  const rate = await probe<Rate & { status: number }>('stream', url, bootstrap, topic, records, size)
  if (rate.records < records)
    throw new Error(`HTTP ${rate.status}: only ${rate.records} of ${records} records were acknowledged`)
  return rate
}
