/** An operation as a command that works as it stands, for the address and the names in use. */
import type { Example, Operation } from './operations.ts'

export interface ExampleValues {
  readonly topic: string
  readonly partition: string
  readonly cluster: string
}

function pathOf(path: string, values: ExampleValues): string {
  return path.replaceAll(/\{(topic|partition|cluster)\}/g, (_, name: keyof ExampleValues) =>
    encodeURIComponent(values[name]),
  )
}

export function curlOf(
  operation: Pick<Operation, 'method' | 'path' | 'parameters'>,
  origin: string,
  values: ExampleValues,
  request: Example | undefined,
): string {
  const query = operation.parameters
    .filter((p) => p.in === 'query')
    .map((p) => `${p.name}=${p.default ?? '0'}`)
    .join('&')
  const url = `${origin}${pathOf(operation.path, values)}${query && `?${query}`}`
  if (!request) return `curl ${query ? quoted(url) : url}`
  const body = JSON.stringify(JSON.parse(request.body))
  return [`curl -X ${operation.method} ${url}`, `-H 'Content-Type: ${request.type}'`, `-d ${quoted(body)}`].join(
    ' \\\n  ',
  )
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
