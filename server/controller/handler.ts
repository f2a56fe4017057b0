/**
 * Handlers of the controller: `rpc/handler.ts` with the controller that decides. A node that is both broker and controller calls them
 * itself; another broker's clients reach them through an Envelope (KIP-590). What only a controller that is a node of its own can
 * answer has that node besides.
 */
import type { MetadataController } from '../metadata/controller.ts'
import type { Api } from '../protocol/api.ts'
import type { Fields } from '../protocol/schema.ts'
import type { Handler as AnyHandler, CallContext } from '../rpc/handler.ts'
import type { ControllerState } from './controller_state.ts'

export interface ControllerCall extends CallContext {
  readonly controller: MetadataController
  /**
   * Told how many partitions are about to be made or removed. Throws THROTTLING_QUOTA_EXCEEDED, if `strict`, where the client has used
   * up its quota (KIP-599).
   */
  charge(partitions: number, strict: boolean): void
  /** Absent where broker and controller are one node: nobody else fetches its log. */
  readonly node?: ControllerState
}

/** On the listener of the controllers. */
export interface NodeCall extends ControllerCall {
  readonly node: ControllerState
}

export type ControllerHandler<Q extends Fields = any, S extends Fields = any> = AnyHandler<ControllerCall, Q, S>
export type NodeHandler<Q extends Fields = any, S extends Fields = any> = AnyHandler<NodeCall, Q, S>

export const handler = <Q extends Fields, S extends Fields>(
  api: Api<Q, S>,
  h: Omit<ControllerHandler<Q, S>, 'api'>,
): ControllerHandler<Q, S> => ({ api, ...h })

export const nodeHandler = <Q extends Fields, S extends Fields>(
  api: Api<Q, S>,
  h: Omit<NodeHandler<Q, S>, 'api'>,
): NodeHandler<Q, S> => ({ api, ...h })
