/** This broker as the dispatcher sees it: what it serves, who may use how much, where requests are counted. */

import type { RequestQuota } from '../quota/request_quota.ts'
import type { Service } from '../rpc/dispatch.ts'
import { offeredVersions, served } from './apis/index.ts'
import { leftOut } from './apis/left_out.ts'
import type { BrokerState } from './broker_state.ts'
import type { RequestContext } from './handler.ts'

export const serviceOf = (broker: BrokerState): Service<RequestContext> => ({
  served,
  versionsOf: offeredVersions,
  whyNot(apiKey) {
    const { name, why } = leftOut.get(apiKey) ?? { name: `the API key ${apiKey}`, why: 'no broker serves it' }
    return `${name} is not served here: ${why}`
  },
  // What was begun here comes back here.
  context: (call, quota) => ({ ...call, broker, quota: quota as RequestQuota | undefined }),
  begin: (user, clientId, requestBytes) => broker.quotas.begin(user, clientId, requestBytes),
  meter: (apiKey) => broker.metrics.ofKey(apiKey),
  refused(host, why) {
    broker.metrics.requestsRefused++
    broker.log.warn(`closing the connection from ${host}: ${why}`)
  },
  error: (line) => broker.log.error(line),
})
