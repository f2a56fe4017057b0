/**
 * `.snapshot`: the state of a partition's producers at the offset in its name, with a checksum over the entries.
 *
 * Kafka keeps the last batch of each producer there, and so, after a restart, takes a repetition of an earlier one for out of
 * order: the client then writes it a second time. We keep all that may still be in flight, an entry each, oldest first: of
 * several entries of one producer Kafka takes the last, which is the one that it would have written itself.
 */
import { crc32c } from '../lib/crc32c.ts'
import { decode, encode } from '../protocol/codec.ts'
import { ProducerSnapshot } from '../protocol/files/producer_snapshot.ts'
import type { ProducerEntry } from './producer_state.ts'

const VERSION = 1
const CRC = 2
const ENTRIES = 6
/** Of a producer of which only the epoch is known. */
const NO_BATCH = { lastSequence: -1, lastOffset: -1, offsetDelta: 0 }

export function encodeProducerSnapshot(producers: Iterable<ProducerEntry>): Buffer {
  const producerEntries = [...producers].flatMap((p) => {
    const last = p.batches.at(-1) ?? NO_BATCH
    return [...p.batches.slice(0, -1), { ...last, timestamp: p.lastTimestamp }].map((batch) => ({
      producerId: p.producerId,
      epoch: p.epoch,
      ...batch,
      coordinatorEpoch: p.coordinatorEpoch,
      currentTxnFirstOffset: p.currentTxnFirstOffset,
    }))
  })
  const version = Buffer.from([0, VERSION])
  const b = Buffer.concat([version, encode(ProducerSnapshot, VERSION, { crc: 0, producerEntries })])
  b.writeUInt32BE(crc32c(b.subarray(ENTRIES)), CRC)
  return b
}

/** Undefined if the file is damaged. */
export function decodeProducerSnapshot(b: Buffer): ProducerEntry[] | undefined {
  if (b.length < ENTRIES || b.readInt16BE(0) !== VERSION || b.readUInt32BE(CRC) !== crc32c(b.subarray(ENTRIES))) {
    return undefined
  }
  const producers = new Map<number, ProducerEntry>()
  for (const e of decode(ProducerSnapshot, VERSION, b.subarray(CRC)).producerEntries) {
    const { producerId, epoch, lastSequence, lastOffset, offsetDelta, timestamp } = e
    const before = producers.get(producerId)?.batches ?? []
    producers.set(producerId, {
      producerId,
      epoch,
      batches: lastOffset < 0 ? before : [...before, { lastSequence, lastOffset, offsetDelta, timestamp }],
      lastTimestamp: timestamp,
      coordinatorEpoch: e.coordinatorEpoch,
      currentTxnFirstOffset: e.currentTxnFirstOffset,
    })
  }
  return [...producers.values()]
}
