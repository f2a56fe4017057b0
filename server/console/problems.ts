/**
 * What goes wrong, as a page can show it: one plain sentence, Kafka's name for it where it has one, and what to do.
 * Nothing internal leaks: what is neither a KafkaError, a ConsoleError nor a bad input is our bug, and is only logged.
 */
import { ZodError } from 'zod'
import { KafkaError } from '../protocol/errors.ts'

export interface Problem {
  /** Kafka's error name, or one of ours (ProblemCode). */
  readonly code: string
  readonly message: string
  readonly kafka: { readonly name: string; readonly code: number; readonly retriable: boolean } | null
  /** What to do about it. */
  readonly hint: string | null
  /** Bad inputs, one by one. */
  readonly fields: readonly { readonly field: string; readonly message: string }[]
}

export type ProblemCode =
  | 'NOT_FOUND'
  | 'INVALID'
  | 'UNSUPPORTED'
  | 'UNREACHABLE'
  | 'NO_CONTROLLER'
  | 'PLAN_OUTDATED'
  | 'GROUP_ACTIVE'
  | 'STORE_UNAVAILABLE'
  | 'INTERNAL'

/** An answer of the console's own: not Kafka's, not a bug. */
export class ConsoleError extends Error {
  override name = 'ConsoleError'
  constructor(
    readonly code: ProblemCode,
    message: string,
    readonly hint: string | null = null,
  ) {
    super(message)
  }
}

const hints: Partial<Record<string, string>> = {
  NETWORK_EXCEPTION: 'Check that the broker runs and that its advertised address can be reached from here.',
  REQUEST_TIMED_OUT: 'Whoever should answer is busy or out of reach; try again.',
  TOPIC_ALREADY_EXISTS: 'Choose another name, or open the topic that exists.',
  NON_EMPTY_GROUP: 'Stop the consumers of the group first; Kafka refuses while any of them is connected.',
  UNKNOWN_TOPIC_OR_PARTITION: 'It may have been deleted; reload the list of topics.',
  POLICY_VIOLATION: 'The cluster has a policy that forbids this; ask who runs it.',
  TOPIC_AUTHORIZATION_FAILED: 'The console’s principal lacks the permission; grant it with an ACL.',
  GROUP_AUTHORIZATION_FAILED: 'The console’s principal lacks the permission; grant it with an ACL.',
  CLUSTER_AUTHORIZATION_FAILED: 'The console’s principal lacks the permission; grant it with an ACL.',
  INVALID_REPLICATION_FACTOR: 'There must be at least as many brokers as replicas.',
  MESSAGE_TOO_LARGE: 'Raise the topic’s max.message.bytes, or send less.',
  OFFSET_OUT_OF_RANGE: 'Retention may have removed it; the partition’s start offset says what is left.',
}

export function problemOf(error: unknown): Problem {
  if (error instanceof KafkaError) {
    return {
      code: error.error,
      message: error.message,
      kafka: { name: error.error, code: error.code, retriable: error.retriable },
      hint: hints[error.error] ?? null,
      fields: [],
    }
  }
  if (error instanceof ConsoleError) {
    return { code: error.code, message: error.message, kafka: null, hint: error.hint, fields: [] }
  }
  if (error instanceof ZodError) {
    const fields = error.issues.map((i) => ({ field: i.path.join('.'), message: i.message }))
    return {
      code: 'INVALID',
      message: fields[0]?.message ?? 'The input is not valid.',
      kafka: null,
      hint: null,
      fields,
    }
  }
  return {
    code: 'INTERNAL',
    message: 'The console failed in a way it did not expect; its log says how.',
    kafka: null,
    hint: null,
    fields: [],
  }
}

const statuses: Readonly<Partial<Record<string, Status>>> = {
  NOT_FOUND: 'NOT_FOUND',
  INVALID: 'BAD_REQUEST',
  UNSUPPORTED: 'PRECONDITION_FAILED',
  UNREACHABLE: 'SERVICE_UNAVAILABLE',
  NO_CONTROLLER: 'SERVICE_UNAVAILABLE',
  STORE_UNAVAILABLE: 'SERVICE_UNAVAILABLE',
  PLAN_OUTDATED: 'CONFLICT',
  GROUP_ACTIVE: 'CONFLICT',
  NON_EMPTY_GROUP: 'CONFLICT',
  TOPIC_ALREADY_EXISTS: 'CONFLICT',
  UNKNOWN_TOPIC_OR_PARTITION: 'NOT_FOUND',
  UNKNOWN_TOPIC_ID: 'NOT_FOUND',
  GROUP_ID_NOT_FOUND: 'NOT_FOUND',
  TOPIC_AUTHORIZATION_FAILED: 'FORBIDDEN',
  GROUP_AUTHORIZATION_FAILED: 'FORBIDDEN',
  CLUSTER_AUTHORIZATION_FAILED: 'FORBIDDEN',
}
export type Status =
  | 'NOT_FOUND'
  | 'BAD_REQUEST'
  | 'PRECONDITION_FAILED'
  | 'SERVICE_UNAVAILABLE'
  | 'CONFLICT'
  | 'FORBIDDEN'
  | 'INTERNAL_SERVER_ERROR'

/** tRPC's name for the HTTP status that fits: 5xx only where the same may succeed later. */
export function statusOf(error: unknown): Status {
  if (!isAnswer(error)) return 'INTERNAL_SERVER_ERROR'
  const known = statuses[problemOf(error).code]
  if (known) return known
  return error instanceof KafkaError && error.retriable ? 'SERVICE_UNAVAILABLE' : 'BAD_REQUEST'
}

/** Is it an answer to whoever asked, and not our bug? */
export const isAnswer = (error: unknown): boolean =>
  error instanceof KafkaError || error instanceof ConsoleError || error instanceof ZodError
