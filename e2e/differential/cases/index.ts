/** The tables, in the order in which they run: all on the same two brokers, so each uses topics and groups of its own. */
import type { Step } from '../step.ts'
import { apiVersions } from './api_versions.ts'
import { clientQuotas } from './client_quotas.ts'
import { classicGroups, producersAndConsumers } from './clients.ts'
import { features, leaders, quorum } from './cluster.ts'
import { brokerConfigs, groupConfigs, metricsConfigs, topicConfigs } from './configs.ts'
import { consumerGroups } from './consumer_groups.ts'
import { fetchSessions } from './fetch_sessions.ts'
import { live } from './live.ts'
import { offsetDelete, offsetsByTime, pages, producersOf } from './records.ts'
import { topics } from './topics.ts'

export const tables: Readonly<Record<string, readonly Step[]>> = {
  'api versions': apiVersions,
  topics,
  quorum,
  leaders,
  'offsets by time': offsetsByTime,
  'producers of partitions': producersOf,
  'pages of partitions': pages,
  'offsets taken away': offsetDelete,
  'configs of topics': topicConfigs,
  'configs of brokers': brokerConfigs,
  'configs of groups': groupConfigs,
  'client metrics': metricsConfigs,
  'settings that count at once': live,
  'producers and consumers': producersAndConsumers,
  'classic groups': classicGroups,
  'consumer groups': consumerGroups,
  'fetch sessions': fetchSessions,
  'client quotas': clientQuotas,
  features,
}
