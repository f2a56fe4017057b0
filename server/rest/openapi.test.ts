import { expect, test } from 'vitest'
import { openApi } from './openapi.ts'
import { paths } from './paths.ts'
import { REST_ERRORS } from './rest_error.ts'
import { match } from './routes.ts'

const document = openApi('/rest') as any

test('the document and the routes have the same operations', () => {
  const described = Object.entries<any>(document.paths).flatMap(([path, item]) =>
    Object.entries<any>(item)
      .filter(([key]) => key !== 'parameters')
      .map(([method, operation]) => `${method.toUpperCase()} ${path} ${operation.operationId}`),
  )
  expect(described.sort()).toEqual(paths.map((p) => `${p.method} ${p.path} ${p.operationId}`).sort())
})

test('every path finds its own route and describes its parameters', () => {
  for (const { method, path } of paths) {
    const found = match(path.replaceAll(/\{.+?\}/g, 'x'))!.filter((m) => m.method === method)
    expect(found).toHaveLength(1)
    const described = (document.paths[path].parameters ?? []).map((p: any) => p.name)
    expect(described).toEqual(Object.keys(found[0]!.params))
  }
})

test('every reference leads somewhere, and every schema is used', () => {
  const used = new Set([...JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)].map((m) => m[1]!))
  expect([...used].sort()).toEqual(Object.keys(document.components.schemas).sort())
})

test('every error code that exists is described', () => {
  const described = new Set(
    [...JSON.stringify(document.paths).matchAll(/"error_code":(\d+)/g)].map((m) => Number(m[1])),
  )
  const missing = Object.keys(REST_ERRORS)
    .map(Number)
    .filter((code) => !described.has(code))
  expect(missing).toEqual([])
})

test('every operation has an example of its body and its answer', () => {
  for (const item of Object.values<any>(document.paths)) {
    for (const [method, operation] of Object.entries<any>(item)) {
      if (method === 'parameters') continue
      const contents = [operation.requestBody?.content ?? {}, operation.responses['200'].content]
      for (const content of contents) for (const c of Object.values<any>(content)) expect(c.example).toBeDefined()
    }
  }
})
