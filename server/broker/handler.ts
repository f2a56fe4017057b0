/** A handler of a broker: `rpc/handler.ts` with the broker it works for. */
import type { Api } from '../protocol/api.ts'
import type { Fields } from '../protocol/schema.ts'
import type { RequestQuota } from '../quota/request_quota.ts'
import type { Handler as AnyHandler, CallContext } from '../rpc/handler.ts'
import type { BrokerState } from './broker_state.ts'

export interface RequestContext extends CallContext {
  readonly broker: BrokerState
  /** What it may use; undefined where nobody is limited. */
  readonly quota: RequestQuota | undefined
}

export type Handler<Q extends Fields = any, S extends Fields = any> = AnyHandler<RequestContext, Q, S>

export const handler = <Q extends Fields, S extends Fields>(
  api: Api<Q, S>,
  h: Omit<Handler<Q, S>, 'api'>,
): Handler<Q, S> => ({ api, ...h })
