/** What the tests of this folder share: a log dir on a simulated disk, batches to put into it, and a look at what is in. */
import { gunzipSync } from 'node:zlib'
import { simEnv } from '../env/sim.ts'
import { batches, decodeRecords } from '../records/batch.ts'
import { type BatchOptions, buildBatch } from '../records/build_batch.ts'
import type { AppendResult, Log } from './log.ts'
import { defaultLogConfig, type LogConfig } from './log_config.ts'
import { LogManager, type LogManagerOptions } from './log_manager.ts'

export const NODE = { nodeId: 1, clusterId: 'AAAAAAAAAAAAAAAAAAAAAA' }
export const TOPIC_ID = 'BBBBBBBBBBBBBBBBBBBBBB'

export const logDirConfig = {
  'log.initial.task.delay.ms': 30_000,
  'log.flush.offset.checkpoint.interval.ms': 60_000,
  'replica.high.watermark.checkpoint.interval.ms': 5_000,
  'log.flush.start.offset.checkpoint.interval.ms': 60_000,
  'log.retention.check.interval.ms': 300_000,
  'producer.id.expiration.ms': 86_400_000,
  'producer.id.expiration.check.interval.ms': 600_000,
}

/** Kafka's defaults but for what is given; small segments are convenient. */
export const config = (more: Partial<LogConfig> = {}): LogConfig => ({ ...defaultLogConfig, ...more })

export function bench(
  o: { seed?: number | string; config?: Partial<LogConfig>; manager?: Partial<LogManagerOptions> } = {},
) {
  const world = simEnv(o.seed ?? 1)
  let { env } = world
  const lines: string[] = []
  const open = () =>
    LogManager.open({ env, dir: '/data', ...NODE, config: logDirConfig, onLine: (l) => lines.push(l), ...o.manager })
  const logConfig = config(o.config)
  return {
    ...world,
    lines,
    get env() {
      return env
    },
    open,
    /** The one partition that most tests need. */
    log: (manager: LogManager, topic = 't', partition = 0): Log =>
      manager.open(topic, partition, { topicId: TOPIC_ID, config: logConfig }),
    /** A new process on the same machine, after the power went. */
    crash: () => {
      world.machine.crash()
      env = world.machine.boot()
    },
    kill: () => {
      world.machine.kill()
      env = world.machine.boot()
    },
    wait: <T>(promise: Promise<T>) => world.time.runUntilSettled(promise),
  }
}

export type Bench = ReturnType<typeof bench>

/** A batch of `n` records that begins with value `from`, `padding` bytes larger than it need be. */
export function batch(from: number, n = 1, o: Partial<BatchOptions> & { padding?: number } = {}): Buffer {
  const { padding = 0, ...options } = o
  const records = Array.from({ length: n }, (_, i) => ({
    key: Buffer.from(`k${from + i}`),
    value: Buffer.from(`v${from + i}${'.'.repeat(padding)}`),
  }))
  return buildBatch(records, { timestamp: 1_735_689_600_000, ...options })
}

/** Appends as a client does; throws what the log answers. */
export function produce(log: Log, records: Buffer, o: { nowMs?: number; leaderEpoch?: number } = {}): AppendResult {
  const { nowMs = 1_735_689_600_000, leaderEpoch = 0 } = o
  const [result] = log.append([{ records, produceVersion: 9 }], { nowMs, leaderEpoch })
  if (result instanceof Error) throw result
  return result!
}

/** The files of a partition, by name, of a fixture with one in a line. */
export const filesOf = (fixture: Buffer): Map<string, Buffer> =>
  new Map(
    gunzipSync(fixture)
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .map(({ name, base64 }) => [name, Buffer.from(base64, 'base64')]),
  )

/** Everything in the log, as `offset=value`. */
export async function contents(bench: Bench, log: Log, from = log.logStartOffset): Promise<string[]> {
  const seen: string[] = []
  let offset = from
  while (offset < log.logEndOffset) {
    const parts = await bench.wait(Promise.resolve(log.read({ offset, maxBytes: 3000, minOneBatch: true })))
    const before = offset
    for (const part of parts) {
      for (const b of batches(part)) {
        if (!b.isValid) throw new Error(`a damaged batch was served at ${b.baseOffset}`)
        for (const r of decodeRecords(b)) {
          if (r.offset >= offset) seen.push(`${r.offset}=${r.value?.toString().replace(/\.+$/, '')}`)
        }
        offset = b.nextOffset
      }
    }
    if (offset === before) throw new Error(`nothing to read at ${offset}, though the log ends at ${log.logEndOffset}`)
  }
  return seen
}

export const expected = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `${from + i}=v${from + i}`)
