import { describe, expect, it } from 'vitest'
import { codeOf, errorCode, errorOf, errors, KafkaError } from './errors.ts'

const rows = Object.entries(errors)

describe('errors', () => {
  it('has every code from -1 to 133 once', () => {
    const codes = rows.map(([, row]) => row.code).sort((a, b) => a - b)
    expect(codes).toEqual(Array.from({ length: 135 }, (_, i) => i - 1))
  })

  it.each(rows)('%s is one sentence on one line', (_, { text }) => {
    expect(text).toMatch(/^[^\n]+\.$/)
  })

  it('lets nobody refresh metadata for an error that cannot be retried', () => {
    expect(rows.filter(([, row]) => row.refreshesMetadata && !row.retriable)).toEqual([])
  })

  it('finds names by code, and takes codes of the future for UNKNOWN_SERVER_ERROR', () => {
    expect(errorOf(3)).toBe('UNKNOWN_TOPIC_OR_PARTITION')
    expect(errorOf(12345)).toBe('UNKNOWN_SERVER_ERROR')
    expect(errorCode.UNKNOWN_TOPIC_OR_PARTITION).toBe(3)
  })

  it('answers with the code of a KafkaError and hides what any other error says', () => {
    expect(codeOf(new KafkaError('NOT_COORDINATOR'))).toBe(16)
    expect(codeOf(new Error('disk on fire'))).toBe(-1)
    expect(codeOf(undefined)).toBe(-1)
  })

  it('has the general sentence as message unless there is a detail', () => {
    expect(new KafkaError('INVALID_REQUIRED_ACKS').message).toBe('acks must be 0, 1 or -1 (all).')
    expect(new KafkaError('INVALID_CONFIG', 'retention.ms is a number').message).toBe('retention.ms is a number')
  })

  it('costs no stack, and leaves other errors theirs', () => {
    expect(new KafkaError('INVALID_REQUEST').stack).not.toContain('\n')
    expect(new Error('ours').stack).toContain('errors.test.ts')
  })
})
