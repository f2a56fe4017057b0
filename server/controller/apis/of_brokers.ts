/** What brokers themselves ask of the controller. */
import type { ControllerHandler } from '../handler.ts'
import { AlterPartitionHandler } from './56_alter_partition.ts'
import { BrokerRegistrationHandler } from './62_broker_registration.ts'
import { BrokerHeartbeatHandler } from './63_broker_heartbeat.ts'
import { AllocateProducerIdsHandler } from './67_allocate_producer_ids.ts'
import { AssignReplicasToDirsHandler } from './73_assign_replicas_to_dirs.ts'

export const ofBrokers: readonly ControllerHandler[] = [
  AlterPartitionHandler,
  BrokerRegistrationHandler,
  BrokerHeartbeatHandler,
  AllocateProducerIdsHandler,
  AssignReplicasToDirsHandler,
]
