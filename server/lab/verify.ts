/** Reads the lab's topic from its beginning to its end and holds it against what was acknowledged. */
import type { Client } from '../client/client.ts'
import type { Clock } from '../env/env.ts'
import { KafkaError } from '../protocol/errors.ts'
import { type Prober, VALUE_BYTES } from './prober.ts'
import type { Verdict } from './run_shape.ts'

/** Where each number stands: offsets, in the order of the log. */
export type Found = ReadonlyMap<number, readonly number[]>

/** Throws a KafkaError if a partition cannot be read to its end within the time. */
export async function verify(clock: Clock, client: Client, prober: Prober, timeoutMs: number): Promise<Verdict> {
  const { topic } = prober
  const keys = prober.partitions.map((_, partition) => ({ topic, partition }))
  const [starts, ends] = await Promise.all(
    (['earliest', 'latest'] as const).map((at) => client.admin.listOffsets(keys.map((k) => ({ ...k, at })))),
  )
  const failed = [...starts!, ...ends!].find((o) => o.error)
  if (failed) throw failed.error
  const found = prober.partitions.map(() => new Map<number, number[]>())
  const positions = keys.map((k, i) => ({ ...k, offset: starts![i]!.offset ?? 0, until: ends![i]!.offset ?? 0 }))
  const late = new AbortController()
  const cancel = clock.after(timeoutMs, () => late.abort())
  try {
    for await (const answer of client.fetcher.stream(positions, { signal: late.signal, maxWaitMs: 200 })) {
      if (answer.error) throw answer.error
      for (const { offset, value } of answer.batches.flatMap((b) => (b.isControl ? [] : b.records()))) {
        if (value?.length !== VALUE_BYTES || value.readDoubleBE(0) !== prober.mark) continue
        const number = value.readDoubleBE(8)
        const numbers = found[answer.partition]!
        const known = numbers.get(number)
        if (known) known.push(offset)
        else numbers.set(number, [offset])
      }
    }
  } finally {
    cancel()
  }
  if (late.signal.aborted) throw new KafkaError('REQUEST_TIMED_OUT', `${topic} could not be read to its end in time.`)
  return sum(prober.partitions.map((p, i) => judge(p.acknowledged, found[i]!)))
}

/** One partition. `acknowledged`: offset by number, null where the broker did not tell. */
export function judge(acknowledged: ReadonlyMap<number, number | null>, found: Found): Verdict {
  let [lost, doubled, outOfOrder, elsewhere] = [0, 0, 0, 0]
  for (const offsets of found.values()) if (offsets.length > 1) doubled++
  let before = -1
  for (const number of [...acknowledged.keys()].sort((a, b) => a - b)) {
    const offsets = found.get(number)
    if (!offsets) {
      lost++
      continue
    }
    const told = acknowledged.get(number)
    if (told !== null && !offsets.includes(told!)) elsewhere++
    if (offsets[0]! < before) outOfOrder++
    before = Math.max(before, offsets[0]!)
  }
  return { acknowledged: acknowledged.size, found: found.size, lost, doubled, outOfOrder, elsewhere }
}

const sum = (all: readonly Verdict[]): Verdict => {
  const total = (of: keyof Verdict) => all.reduce((n, v) => n + v[of], 0)
  return {
    acknowledged: total('acknowledged'),
    found: total('found'),
    lost: total('lost'),
    doubled: total('doubled'),
    outOfOrder: total('outOfOrder'),
    elsewhere: total('elsewhere'),
  }
}
