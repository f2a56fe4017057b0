/**
 * A handler of the controller: `rpc/handler.ts` with the controller that decides. A node that is both broker and controller calls it
 * itself; another broker's clients reach it through an Envelope (KIP-590).
 */
import type { MetadataController } from '../metadata/controller.ts'
import type { Api } from '../protocol/api.ts'
import type { Fields } from '../protocol/schema.ts'
import type { Handler as AnyHandler, CallContext } from '../rpc/handler.ts'

export interface ControllerCall extends CallContext {
  readonly controller: MetadataController
  /**
   * Told how many partitions are about to be made or removed. Throws THROTTLING_QUOTA_EXCEEDED, if `strict`, where the client has used
   * up its quota (KIP-599).
   */
  charge(partitions: number, strict: boolean): void
}

export type ControllerHandler<Q extends Fields = any, S extends Fields = any> = AnyHandler<ControllerCall, Q, S>

export const handler = <Q extends Fields, S extends Fields>(
  api: Api<Q, S>,
  h: Omit<ControllerHandler<Q, S>, 'api'>,
): ControllerHandler<Q, S> => ({ api, ...h })
