/**
 * Everything about a cluster that is asked or changed and is not records: the functions of `admin/` bound to a cluster.
 * Items of one call share requests, and each has its own `error`; a call throws only when nothing could be asked at all.
 */
import * as brokers from './admin/brokers.ts'
import * as configs from './admin/configs.ts'
import * as groups from './admin/groups.ts'
import * as offsets from './admin/offsets.ts'
import * as reassignments from './admin/reassignments.ts'
import * as topics from './admin/topics.ts'
import type { Cluster } from './cluster.ts'

const functions = {
  describeCluster: brokers.describeCluster,
  describeLogDirs: brokers.describeLogDirs,
  describeQuorum: brokers.describeQuorum,
  reachesController: brokers.reachesController,
  apiVersions: brokers.apiVersions,
  listTopics: topics.listTopics,
  describeTopics: topics.describeTopics,
  createTopics: topics.createTopics,
  deleteTopics: topics.deleteTopics,
  createPartitions: topics.createPartitions,
  deleteRecords: topics.deleteRecords,
  describeConfigs: configs.describeConfigs,
  incrementalAlterConfigs: configs.incrementalAlterConfigs,
  alterPartitionReassignments: reassignments.alterPartitionReassignments,
  listPartitionReassignments: reassignments.listPartitionReassignments,
  electPreferredLeaders: reassignments.electPreferredLeaders,
  unregisterBroker: reassignments.unregisterBroker,
  listOffsets: offsets.listOffsets,
  listGroups: groups.listGroups,
  describeGroups: groups.describeGroups,
  offsetFetch: groups.offsetFetch,
  offsetCommit: groups.offsetCommit,
  deleteGroups: groups.deleteGroups,
} as const

type Bound<F> = F extends (cluster: Cluster, ...rest: infer A) => infer R ? (...rest: A) => R : never

export type Admin = { readonly [K in keyof typeof functions]: Bound<(typeof functions)[K]> }

export const adminOf = (cluster: Cluster): Admin =>
  Object.fromEntries(
    Object.entries(functions).map(([name, fn]) => [name, (fn as (...a: unknown[]) => unknown).bind(null, cluster)]),
  ) as Admin
