import { expect, it } from 'vitest'
import { curlOf } from './curl.ts'
import { operations } from './operations.ts'

const values = { topic: 'orders.v1', partition: '0', cluster: 'abc/=' }

it('writes a command that a shell takes as it stands', () => {
  const produce = operations().find((o) => o.id === 'produceToTopic')!
  expect(curlOf(produce, 'http://localhost:3000', values, { type: 'application/x+json', body: '{"a": "it\'s"}' })).toBe(
    'curl -X POST http://localhost:3000/rest/topics/orders.v1 \\\n' +
      "  -H 'Content-Type: application/x+json' \\\n" +
      `  -d '{"a":"it'\\''s"}'`,
  )
})

it('fills in every name of every operation', () => {
  for (const operation of operations()) {
    expect(curlOf(operation, 'http://x', values, operation.requests[0]), operation.id).not.toMatch(
      /[{](topic|partition|cluster)[}]/,
    )
  }
})
