/** One part's failure as a code and a sentence, where the others of its request go on; an unexpected one is logged. */
import { codeOf, KafkaError } from '../protocol/errors.ts'
import type { Logger } from './logger.ts'

export function failureOf(what: string, error: unknown, log: Logger): { code: number; detail: string } {
  if (error instanceof KafkaError) return { code: error.code, detail: error.message }
  log.error(`${what} failed unexpectedly: ${error instanceof Error ? (error.stack ?? error.message) : error}`)
  return { code: codeOf(error), detail: 'The node failed in a way it did not expect; its log says how.' }
}
