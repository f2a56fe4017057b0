/**
 * The file `….snapshot` beside a segment: what the partition knows of its producers at that offset. An int16 version
 * stands before it.
 */
import { array, int16, int32, int64, message, uint32 } from '../schema.ts'

export const ProducerSnapshot = message(
  'ProducerSnapshot',
  { versions: '1', flexible: 'none' },
  {
    /** CRC-32C of everything that follows it. */
    crc: uint32(),
    producerEntries: array({
      producerId: int64(),
      epoch: int16(),
      lastSequence: int32(),
      lastOffset: int64(),
      offsetDelta: int32(),
      timestamp: int64(),
      coordinatorEpoch: int32(),
      /** -1 without an open transaction. */
      currentTxnFirstOffset: int64(),
    }),
  },
)
