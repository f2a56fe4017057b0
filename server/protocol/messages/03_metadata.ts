/**
 * The brokers of the cluster, and for each topic its partitions with leader, replicas and ISR. Every client begins
 * here. Version 10 brought topic ids (KIP-516).
 */
import { api } from '../api.ts'
import { array, bool, int16, int32, string, uuid } from '../schema.ts'

export const Metadata = api({
  key: 3,
  name: 'Metadata',
  versions: '0-13',
  flexible: '9+',
  request: {
    /**
     * Null means all topics; in version 0, which has no null, an empty list does. In version 1 and above an empty list
     * means none.
     */
    topics: array(
      {
        topicId: uuid({ versions: '10+' }),
        /** Null where the topic is asked for by its id. */
        name: string({ nullable: '10+' }),
      },
      { nullable: '1+' },
    ),
    allowAutoTopicCreation: bool({ versions: '4+', default: true }),
    includeClusterAuthorizedOperations: bool({ versions: '8-10' }),
    includeTopicAuthorizedOperations: bool({ versions: '8+' }),
  },
  response: {
    throttleTimeMs: int32({ versions: '3+' }),
    brokers: array({
      nodeId: int32(),
      host: string(),
      port: int32(),
      rack: string({ versions: '1+', nullable: '1+', default: null }),
    }),
    clusterId: string({ versions: '2+', nullable: '2+', default: null }),
    controllerId: int32({ versions: '1+', default: -1 }),
    topics: array({
      errorCode: int16(),
      /** Null where an id was asked for that nobody knows. */
      name: string({ nullable: '12+' }),
      topicId: uuid({ versions: '10+' }),
      isInternal: bool({ versions: '1+' }),
      partitions: array({
        errorCode: int16(),
        partitionIndex: int32(),
        /** -1 while the partition has no leader. */
        leaderId: int32(),
        leaderEpoch: int32({ versions: '7+', default: -1 }),
        replicaNodes: array(int32()),
        isrNodes: array(int32()),
        /** Replicas whose broker or disk is down. */
        offlineReplicas: array(int32(), { versions: '5+' }),
      }),
      topicAuthorizedOperations: int32({ versions: '8+', default: -2147483648 }),
    }),
    errorCode: int16({ versions: '13+' }),
    /** A bit for each AclOperation; the smallest int32 where it was not asked for (KIP-430). */
    clusterAuthorizedOperations: int32({ versions: '8-10', default: -2147483648 }),
  },
})
