/**
 * The controller of a quorum of one voter: its log in a folder of this node, `__cluster_metadata-0`, loaded and its term begun. A node that
 * is broker and controller has it beside its partitions, a controller that is a node of its own has nothing else.
 */
import type { Env } from '../env/env.ts'
import { repeat } from '../env/repeat.ts'
import type { LogManager } from '../log/log_manager.ts'
import { rewriteFrom } from '../log/rewrite.ts'
import { readOrWriteBootstrap } from '../metadata/bootstrap.ts'
import type { Configs } from '../metadata/configs.ts'
import type { ControllerSettings } from '../metadata/context.ts'
import { MetadataController } from '../metadata/controller.ts'
import { CLUSTER_METADATA } from '../metadata/internal_topics.ts'
import { beginTerm } from '../metadata/quorum.ts'
import { QuorumRecords } from '../metadata/quorum_records.ts'
import { SnapshotStore } from '../metadata/snapshot_store.ts'
import { KafkaError } from '../protocol/errors.ts'
import { RecordBatch } from '../records/batch.ts'
import { Partition } from '../replication/partition.ts'
import { allBatches } from '../replication/read_all.ts'
import { METADATA_TOPIC_ID, metadataLogConfig, UPKEEP_MS } from './metadata_log.ts'

export interface LocalQuorum {
  readonly controller: MetadataController
  /** Its log, as its leader in this term. */
  readonly partition: Partition
  readonly leaderEpoch: number
  readonly snapshots: SnapshotStore
  /** Nothing more is written, and who waits is told `why`; the log itself is closed with the others. */
  close(why?: KafkaError): void
}

export interface LocalQuorumOptions {
  readonly env: Env
  readonly nodeId: number
  readonly configs: Configs
  readonly logs: LogManager
  /** The log failed, or we have a bug: nothing can be changed until the next start. */
  readonly onDown: (error: Error) => void
  /** A snapshot was not written, or an old one not removed; nothing is lost by it. */
  readonly onSnapshotFailed: (error: Error) => void
}

export async function openQuorum(o: LocalQuorumOptions): Promise<LocalQuorum> {
  const { env, logs, configs } = o
  const { broker } = configs
  const log = logs.open(CLUSTER_METADATA, 0, { topicId: METADATA_TOPIC_ID, config: metadataLogConfig(broker) })
  const folder = logs.folderOf(CLUSTER_METADATA, 0)
  // After a kill it may be in the page cache alone, of which a sync that failed has let go; what follows from it must not be told
  // before it is on the disk.
  if (log.recoveryPoint < log.logEndOffset) rewriteFrom(env.disk, folder, log.recoveryPoint)
  await log.sync()
  const bootstrap = readOrWriteBootstrap(env.disk, logs.dir, env.clock.now())
  const snapshots = new SnapshotStore({
    disk: env.disk,
    folder,
    log,
    retentionBytes: broker['metadata.max.retention.bytes'],
    retentionMs: broker['metadata.max.retention.ms'],
  })
  const snapshot = snapshots.open()
  const present: Buffer[] = []
  const quorum = snapshot?.quorum ?? new QuorumRecords()
  for await (const batch of allBatches(log)) {
    present.push(batch)
    quorum.take(new RecordBatch(batch))
  }
  const leaderEpoch = beginTerm(env.disk, folder, {
    nodeId: o.nodeId,
    lastLogEpoch: Math.max(log.latestEpoch ?? -1, snapshot?.epoch ?? -1),
    voters: quorum.voters?.map((v) => v.nodeId),
  })
  const partition = new Partition(log, leaderEpoch, env.clock, { syncAcksAll: true })
  const settings: ControllerSettings = {
    clusterId: logs.clusterId,
    nodeId: o.nodeId,
    listenerName: broker['controller.listener.names']?.[0] ?? 'CONTROLLER',
    get numPartitions() {
      return configs.broker['num.partitions']
    },
    get defaultReplicationFactor() {
      return configs.broker['default.replication.factor']
    },
    get deleteTopicEnable() {
      return configs.broker['delete.topic.enable']
    },
    get minInsyncReplicas() {
      return configs.broker['min.insync.replicas']
    },
    get uncleanLeaderElectionEnable() {
      return configs.broker['unclean.leader.election.enable']
    },
    uncleanLeaderElectionIntervalMs: broker['unclean.leader.election.interval.ms'],
    brokerSessionTimeoutMs: broker['broker.session.timeout.ms'],
    leaderImbalanceCheckIntervalMs: broker['auto.leader.rebalance.enable']
      ? broker['leader.imbalance.check.interval.seconds'] * 1000
      : undefined,
  }
  const controller = new MetadataController({
    log: partition,
    clock: env.clock,
    random: env.random,
    leaderEpoch,
    settings,
    configRules: configs.rules,
    onDown: o.onDown,
    snapshots: {
      everyBytes: broker['metadata.log.max.record.bytes.between.snapshots'],
      everyMs: broker['metadata.log.max.snapshot.interval.ms'],
      write(id, file) {
        snapshots.write(id, file)
        snapshots.clean(env.clock.now())
      },
      failed: o.onSnapshotFailed,
    },
  })
  controller.load(snapshot, present)
  await controller.start(bootstrap)
  const stopUpkeep = repeat(env.clock, { intervalMs: () => UPKEEP_MS }, () => {
    if (controller.error !== undefined) return
    controller.offerSnapshot()
    try {
      snapshots.clean(env.clock.now())
    } catch (error) {
      o.onSnapshotFailed(error as Error)
    }
  })
  return {
    controller,
    partition,
    leaderEpoch,
    snapshots,
    close(why = new KafkaError('BROKER_NOT_AVAILABLE')) {
      controller.stop(why)
      stopUpkeep()
      partition.retire(new KafkaError('NOT_CONTROLLER'))
    },
  }
}
