/** One request that both brokers get, in one or several versions, and what may differ in the answers. */
import type { Api } from '../../server/protocol/api.ts'
import type { Fields, Input, Message } from '../../server/protocol/schema.ts'

/** What a request's body may need to know of the broker that it goes to. */
export interface Side {
  topicId(topic: string): Promise<string>
  /** Of the fetch session that was opened last, 0 before. */
  readonly sessionId: number
}

export interface StepOptions {
  /** Default: the highest that Apache Kafka 4.3 offers. */
  readonly versions?: readonly number[]
  /** Fields that are not compared, each with the reason. */
  readonly except?: Readonly<Record<string, string>>
  /** The answers differ, and why that is to be so. A step with a reason whose answers agree has failed. */
  readonly differs?: string
  /** The order of the arrays counts. */
  readonly ordered?: boolean
  /** Asked again until the answer is without this error code, for what takes a while to come about. */
  readonly until?: (answer: any) => boolean
}

export interface Step extends StepOptions {
  readonly title: string
  readonly api: Api
  readonly body: (version: number, side: Side) => unknown
  /** Bytes to be sent in place of a request of `api`: what no codec would write. */
  readonly raw?: Buffer
}

export function step<Q extends Fields, S extends Fields>(
  title: string,
  api: Api<Q, S>,
  body: Input<Message<Q>> | ((version: number, side: Side) => Input<Message<Q>> | Promise<Input<Message<Q>>>),
  options: StepOptions = {},
): Step {
  return { title, api, body: typeof body === 'function' ? (body as Step['body']) : () => body, ...options }
}

/** A request as bytes from its header on; the answers are compared as bytes. `api` is what it would be, were it one. */
export const rawStep = (title: string, api: Api, raw: Buffer, options: StepOptions = {}): Step => ({
  title,
  api,
  body: () => undefined,
  raw,
  versions: [raw.readInt16BE(2)],
  ...options,
})
