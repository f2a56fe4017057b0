/**
 * What a handler is: the translation between one API key and the domain, of a broker or of a controller. Rules live in the domain
 * folders. A handler answers, or throws a KafkaError, which `fail` turns into an answer; anything else it throws is our bug.
 */
import type { Api } from '../protocol/api.ts'
import type { ErrorName } from '../protocol/errors.ts'
import type { Fields, Infer, Input, Message } from '../protocol/schema.ts'
import type { Gone } from './gone.ts'

/** Who asks, and how. What the node adds to it is its own affair. */
export interface CallContext {
  readonly version: number
  readonly clientId: string
  /** As Kafka prints it: a slash and the address. */
  readonly clientHost: string
  readonly clientPort: number
  readonly principal: string
  /** The connection, once it is gone: nobody waits for the answer. */
  readonly gone: Gone
}

/** A response's body. Who is throttled is told by the dispatcher, so that field may be left out everywhere. */
export type Answer<S extends Fields> =
  | (Omit<Input<Message<S>>, 'throttleTimeMs'> & { throttleTimeMs?: number })
  | NoAnswer

/** For acks=0: the client waits for nothing, not even a correlation id. */
export interface NoAnswer {
  readonly noAnswer: true
  /** Something went wrong: closing the connection is the only way to say so. */
  readonly close: boolean
}

export const isNoAnswer = (answer: object): answer is NoAnswer => 'noAnswer' in answer

export interface Failure {
  readonly code: number
  readonly error: ErrorName
  /** A sentence for where the version has room for one. */
  readonly detail: string
  readonly version: number
}

export interface Handler<C, Q extends Fields = any, S extends Fields = any> {
  readonly api: Api<Q, S>
  /**
   * May this request be handled while the one before it on the same connection is? Only where order is kept by what it
   * does (Produce: appends queue in the order of the calls); answers keep their order in any case.
   */
  readonly overlaps?: boolean
  /** Nothing of the request is looked at any more once it is answered, so its memory may be used again. For what is large. */
  readonly letsGo?: boolean
  handle(request: Infer<Message<Q>>, context: C): Answer<S> | Promise<Answer<S>>
  /** The answer that says the whole request failed. */
  fail(request: Infer<Message<Q>>, failure: Failure): Answer<S>
}
