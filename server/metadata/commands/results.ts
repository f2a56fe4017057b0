/** Work on many items of which each has its own outcome: a KafkaError is that item's answer, anything else is our bug. */
import { errorCode, KafkaError } from '../../protocol/errors.ts'

export interface Outcome {
  readonly errorCode: number
  readonly errorMessage: string | null
}

export const succeeded: Outcome = { errorCode: errorCode.NONE, errorMessage: null }

export const failed = (e: KafkaError): Outcome => ({ errorCode: e.code, errorMessage: e.message })

/** What `fn` gave, or the KafkaError that it threw. */
export function attempt<T>(fn: () => T): T | KafkaError {
  try {
    return fn()
  } catch (e) {
    if (e instanceof KafkaError) return e
    throw e
  }
}
