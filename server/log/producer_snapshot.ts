/** `.snapshot`: the state of a partition's producers at the offset in its name, with a checksum over the entries. */
import { crc32c } from '../lib/crc32c.ts'
import { decode, encode } from '../protocol/codec.ts'
import { ProducerSnapshot } from '../protocol/files/producer_snapshot.ts'
import type { ProducerEntry } from './producer_state.ts'

const VERSION = 1
const CRC = 2
const ENTRIES = 6

/** Of each producer only the last batch is kept. */
export function encodeProducerSnapshot(producers: Iterable<ProducerEntry>): Buffer {
  const producerEntries = [...producers].map((p) => {
    const last = p.batches.at(-1)
    return {
      producerId: p.producerId,
      epoch: p.epoch,
      lastSequence: last?.lastSequence ?? -1,
      lastOffset: last?.lastOffset ?? -1,
      offsetDelta: last?.offsetDelta ?? 0,
      timestamp: p.lastTimestamp,
      coordinatorEpoch: p.coordinatorEpoch,
      currentTxnFirstOffset: p.currentTxnFirstOffset,
    }
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
  return decode(ProducerSnapshot, VERSION, b.subarray(CRC)).producerEntries.map((e) => ({
    producerId: e.producerId,
    epoch: e.epoch,
    batches:
      e.lastOffset < 0
        ? []
        : [
            {
              lastSequence: e.lastSequence,
              lastOffset: e.lastOffset,
              offsetDelta: e.offsetDelta,
              timestamp: e.timestamp,
            },
          ],
    lastTimestamp: e.timestamp,
    coordinatorEpoch: e.coordinatorEpoch,
    currentTxnFirstOffset: e.currentTxnFirstOffset,
  }))
}
