/** Every setting of a broker, by Kafka's name. */
import { brokerGroupConfigs } from './broker/groups.ts'
import { logConfigs } from './broker/log.ts'
import { metricConfigs } from './broker/metrics.ts'
import { networkConfigs } from './broker/network.ts'
import { nodeConfigs } from './broker/nodes.ts'
import { remoteConfigs } from './broker/remote.ts'
import { replicationConfigs } from './broker/replication.ts'
import { securityConfigs } from './broker/security.ts'
import { shareConfigs } from './broker/share.ts'
import { transactionConfigs } from './broker/transactions.ts'
import { bare } from './define.ts'

export const brokerConfigs = bare({
  ...nodeConfigs,
  ...networkConfigs,
  ...logConfigs,
  ...brokerGroupConfigs,
  ...shareConfigs,
  ...transactionConfigs,
  ...replicationConfigs,
  ...remoteConfigs,
  ...securityConfigs,
  ...metricConfigs,
})
