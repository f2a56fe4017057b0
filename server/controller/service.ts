/** A controller as the dispatcher sees it: what it serves, who may use how much, where requests are counted. */
import type { RequestQuota } from '../quota/request_quota.ts'
import type { ApiMeter } from '../rpc/api_meter.ts'
import type { Service } from '../rpc/dispatch.ts'
import { decided } from './apis/decided.ts'
import { served, versionsOf } from './apis/served.ts'
import type { ControllerState } from './controller_state.ts'
import type { NodeCall } from './handler.ts'

/** Brokers and controllers are never made to wait, only who wants something changed. */
const limited = new Set(decided.map((h) => h.api.key))

export const serviceOf = (node: ControllerState, meters: ReadonlyMap<number, ApiMeter>): Service<NodeCall> => ({
  served,
  versionsOf,
  whyNot: (apiKey) => `the API key ${apiKey} is not served here: this is a controller, ask a broker`,
  context: (call, quota) => ({
    ...call,
    node,
    controller: node.controller,
    // What was begun here comes back here.
    charge: (partitions, strict) => (quota as RequestQuota | undefined)?.chargePartitions(partitions, strict),
  }),
  begin: (user, clientId, requestBytes, apiKey) =>
    limited.has(apiKey) ? node.quotas.begin(user, clientId, requestBytes) : undefined,
  meter: (apiKey) => meters.get(apiKey),
  refused: (host, why) => node.log.warn(`closing the connection from ${host}: ${why}`),
  error: (line) => node.log.error(line),
})
