/**
 * The broker, broken on purpose, so that every judge is seen to convict. What is broken lies in its surroundings or is replaced
 * from outside while a world runs: the code on trial has no switch for it.
 */
import { Partitions } from '../broker/partitions.ts'
import { ConsumerGroup } from '../coordinator/group/consumer/consumer_group.ts'
import { GroupCoordinator } from '../coordinator/group/coordinator.ts'
import type { DiskOptions } from '../env/sim_disk.ts'
import { CleanedSegment } from '../log/compaction/cleaned_segment.ts'
import { KeyMap } from '../log/compaction/key_map.ts'
import { LogManager } from '../log/log_manager.ts'
import { type ProducerEntry, ProducerState } from '../log/producer_state.ts'
import { UnsafeFiles } from '../log/unsafe_files.ts'
import { MetadataController } from '../metadata/controller.ts'
import { batches, RecordBatch } from '../records/batch.ts'
import { Partition } from '../replication/partition.ts'
import type { judges } from './judges.ts'
import { getter, method } from './replace.ts'

export interface Mutant {
  /** The judge that must convict it, others may. */
  readonly judge: keyof typeof judges
  /** From here on it is convicted soon. */
  readonly seed?: number
  readonly disk?: Partial<DiskOptions>
  /** acks=all does not wait for the disk: what `weir.acks.all.sync=false` asks for. */
  readonly syncAcksAll?: boolean
  /** Replaces code; returns what puts it back. */
  readonly install?: () => () => void
}

/** Put back in the opposite order. */
const all =
  (...installs: (() => () => void)[]) =>
  () => {
    const undo = installs.map((install) => install()).reverse()
    return () => {
      for (const fn of undo) fn()
    }
  }

export const mutants: Record<string, Mutant> = {
  'the disk lies about syncs': {
    judge: 'an acknowledged record is where it was acknowledged',
    disk: { syncLies: true },
  },
  'the disk lies about names': {
    judge: 'a topic that was created stays, under its id',
    disk: { syncLies: 'names' },
  },
  'acks=all is answered before the sync': {
    judge: 'an acknowledged record is where it was acknowledged',
    syncAcksAll: false,
  },
  'readers see what is not synced': {
    judge: 'an offset has one value for ever',
    install: all(
      getter(
        Partition,
        'highWatermark',
        () =>
          function () {
            return this.log.logEndOffset
          },
      ),
      method(
        Partition,
        'hasDataAt',
        () =>
          function (offset) {
            return offset < this.log.logEndOffset
          },
      ),
      method(
        Partition,
        'read',
        () =>
          function (o) {
            return this.hasDataAt(o.offset) ? this.log.read({ ...o, maxOffset: this.log.logEndOffset }) : []
          },
      ),
    ),
  },
  'what a kill left behind is not synced': {
    judge: 'a second recovery changes nothing',
    install: method(Partitions, 'syncRecovered', () => async () => {}),
  },
  'recovery believes every checksum': {
    judge: 'nothing is read that nobody sent',
    install: getter(RecordBatch, 'isValid', () => () => true),
  },
  'a retried batch is written again': {
    judge: 'an idempotent producer writes nothing twice',
    install: method(ProducerState, 'duplicateOf', () => () => undefined),
  },
  'of each producer only the last batch is known after a start': {
    judge: 'no producer is told that its sequence is wrong',
    install: method(
      ProducerState,
      'load',
      (original) =>
        function (entries) {
          original.call(
            this,
            [...entries].map((e: ProducerEntry) => ({ ...e, batches: e.batches.slice(-1) })),
          )
        },
    ),
  },
  'sequence numbers are not looked at': {
    judge: "an idempotent producer's records keep their order",
    install: method(ProducerState, 'append', () => () => undefined),
  },
  'commits are answered and not kept': {
    judge: 'a committed offset never goes back',
    install: method(GroupCoordinator, 'offsetCommit', () => async (_, request) => ({
      throttleTimeMs: 0,
      topics: request.topics.map((t: any) => ({
        ...t,
        partitions: t.partitions.map((p: any) => ({ ...p, errorCode: 0 })),
      })),
    })),
  },
  'a partition is given before it was given up': {
    judge: 'a partition belongs to one member',
    install: method(ConsumerGroup, 'ownerOf', () => () => undefined),
  },
  'state machines answer before the sync': {
    judge: 'a committed offset never goes back',
    install: method(
      Partition,
      'wantSync',
      () =>
        function () {
          this.moveHighWatermark(this.log.logEndOffset)
        },
    ),
  },
  'compacted segments take the place of others before they are synced': {
    judge: 'of every key of a compacted topic the last record stays',
    install: method(
      CleanedSegment,
      'finish',
      () =>
        async function () {
          this.segment.finishIndexes()
        },
    ),
  },
  'compaction takes all keys for one': {
    judge: 'of every key of a compacted topic the last record stays',
    install: all(
      method(KeyMap, 'hash', () => () => 0),
      method(KeyMap, 'isKey', () => () => true),
    ),
  },
  'producer ids begin anew with every start': {
    judge: 'a producer id is given once',
    install: method(MetadataController, 'allocateProducerIds', () => async () => ({
      throttleTimeMs: 0,
      errorCode: 0,
      producerIdStart: 0,
      producerIdLen: 1000,
    })),
  },
  'where a log starts is not kept': {
    judge: 'the high watermark and the log start never go back',
    install: method(LogManager, 'writeLogStarts', () => () => {}),
  },
  'a read ends in the middle of what there is': {
    judge: 'a reader skips nothing and sees nothing twice',
    install: method(
      Partition,
      'read',
      (original) =>
        function (o) {
          const skip = (read: readonly Buffer[]) => {
            const all = read.flatMap((part) => [...batches(part)].map((batch) => batch.bytes()))
            return all.length > 2 ? [all[0]!, ...all.slice(2)] : read
          }
          const found = original.call(this, o)
          return found instanceof Promise ? found.then(skip) : skip(found)
        },
    ),
  },
  'what a failed sync gave up counts as safe after the next': {
    judge: 'an acknowledged record is where it was acknowledged',
    seed: 1002,
    install: method(UnsafeFiles, 'opened', () => () => {}),
  },
  'after a kill nothing is served': {
    judge: 'in peace it starts and serves',
    install: method(LogManager, 'found', () => () => {
      throw new Error('broken on purpose')
    }),
  },
}
