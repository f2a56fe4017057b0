/**
 * Failures as Confluent's REST Proxy tells them: `{"error_code":40401,"message":"Topic not found."}`, where the first
 * three digits are the HTTP status. Messages name what was wrong and never anything of our inside.
 */
import type { KafkaError } from '../protocol/errors.ts'

/** Every code that this endpoint answers with, and its general sentence. */
export const REST_ERRORS = {
  400: 'Bad request.',
  40001: 'A parameter of the request is not valid.',
  40002: 'The cluster refused the request as not valid.',
  40101: 'Not authenticated.',
  40301: 'Not authorized.',
  404: 'HTTP 404 Not Found',
  40401: 'Topic not found.',
  40402: 'Partition not found.',
  405: 'HTTP 405 Method Not Allowed',
  406: 'HTTP 406 Not Acceptable',
  408: 'The request did not arrive in time.',
  40801: 'A record cannot be shown in the format asked for.',
  413: 'The request, or a record in it, is too large.',
  415: 'HTTP 415 Unsupported Media Type',
  42203: 'Conversion of JSON to Object failed.',
  42206: 'Payload error.',
  500: 'Internal Server Error',
  50002: 'Kafka error.',
  50003: 'Retriable Kafka error.',
  50301: 'The cluster, or this endpoint, cannot serve the request at the moment.',
} as const

export type RestCode = keyof typeof REST_ERRORS

export class RestError extends Error {
  override name = 'RestError'
  constructor(
    readonly code: RestCode,
    detail?: string,
  ) {
    super(detail ?? REST_ERRORS[code])
  }

  get status(): number {
    return this.code < 1000 ? this.code : Math.floor(this.code / 100)
  }

  toJson(): string {
    return `{"error_code":${this.code},"message":${JSON.stringify(this.message)}}`
  }
}

const BY_KAFKA_ERROR: { [K in KafkaError['error']]?: RestCode } = {
  TOPIC_AUTHORIZATION_FAILED: 40301,
  GROUP_AUTHORIZATION_FAILED: 40301,
  CLUSTER_AUTHORIZATION_FAILED: 40301,
  SASL_AUTHENTICATION_FAILED: 40101,
  UNKNOWN_TOPIC_OR_PARTITION: 40401,
  UNKNOWN_TOPIC_ID: 40401,
  INVALID_TOPIC_EXCEPTION: 40002,
  INVALID_RECORD: 40002,
  INVALID_TIMESTAMP: 40002,
  OFFSET_OUT_OF_RANGE: 40002,
  MESSAGE_TOO_LARGE: 413,
  RECORD_LIST_TOO_LARGE: 413,
  POLICY_VIOLATION: 40002,
}

/** What Kafka answered, in the proxy's codes. `NETWORK_EXCEPTION` and timeouts are retriable errors of Kafka here. */
export function fromKafka(error: KafkaError): RestError {
  const code = BY_KAFKA_ERROR[error.error] ?? (error.retriable ? 50003 : 50002)
  return new RestError(code, code === 40401 ? undefined : error.message)
}
