/** The OpenAPI document of `/rest` cut down to what the page draws. Runs on the server: the document itself stays there. */
import { openApi } from '../../../../server/rest/openapi.ts'

export interface Operation {
  readonly id: string
  readonly method: 'GET' | 'POST'
  /** With the base: /rest/topics/{topic}. */
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly description: string | null
  readonly parameters: readonly Parameter[]
  readonly requests: readonly Example[]
  readonly answers: readonly Answer[]
}

export interface Parameter {
  readonly name: string
  readonly in: string
  readonly required: boolean
  readonly type: string
  readonly default: string | null
  readonly description: string
}

/** A body of one content type, as indented JSON. */
export interface Example {
  readonly type: string
  readonly body: string
}

export interface Answer {
  readonly status: string
  readonly description: string
  readonly examples: readonly Example[]
}

export const base = '/rest'

// What of the document is read here; its author holds the whole against the routes.
interface Document {
  paths: Record<string, Record<string, unknown> & { parameters?: RawParameter[] }>
}
interface RawParameter {
  name: string
  in: string
  required?: boolean
  description?: string
  schema?: { type?: string; default?: unknown }
}
interface RawOperation {
  operationId: string
  tags: string[]
  summary: string
  description?: string
  parameters?: RawParameter[]
  requestBody?: { content: RawContent }
  responses: Record<string, { description: string; content?: RawContent }>
}
type RawContent = Record<string, { example?: unknown; examples?: Record<string, { value: unknown }> }>

export function operations(): readonly Operation[] {
  const document = openApi(base) as unknown as Document
  return Object.entries(document.paths).flatMap(([path, item]) =>
    (['get', 'post'] as const).flatMap((method) => {
      const raw = item[method] as RawOperation | undefined
      return raw ? [read(path, method, raw, item.parameters ?? [])] : []
    }),
  )
}

function read(path: string, method: 'get' | 'post', raw: RawOperation, shared: RawParameter[]): Operation {
  return {
    id: raw.operationId,
    method: method === 'get' ? 'GET' : 'POST',
    path: base + path,
    tag: raw.tags[0] ?? '',
    summary: raw.summary,
    description: raw.description ?? null,
    parameters: [...shared, ...(raw.parameters ?? [])].map((p) => ({
      name: p.name,
      in: p.in,
      required: p.required ?? false,
      type: p.schema?.type ?? '',
      default: p.schema?.default === undefined ? null : String(p.schema.default),
      description: p.description ?? '',
    })),
    requests: examples(raw.requestBody?.content ?? {}),
    answers: Object.entries(raw.responses).map(([status, answer]) => ({
      status,
      description: answer.description,
      // The content types of an answer differ in name only.
      examples: examples(answer.content ?? {}).slice(0, 1),
    })),
  }
}

function examples(content: RawContent): Example[] {
  return Object.entries(content).flatMap(([type, { example, examples }]) => {
    const all = example === undefined ? Object.values(examples ?? {}).map((e) => e.value) : [example]
    return all.length === 0 ? [] : [{ type, body: all.map((one) => JSON.stringify(one, null, 2)).join('\n') }]
  })
}
