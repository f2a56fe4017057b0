/** An API key: its name, its request and its response in all versions. One file each in `messages/`. */
import { bounds, type Fields, type Message, message, type Versions, within } from './schema.ts'

export interface Api<Q extends Fields = any, S extends Fields = any> {
  readonly key: number
  readonly name: string
  /** Versions that can be read and written. What a broker offers may be less. */
  readonly versions: Versions
  readonly flexible: Versions | 'none'
  readonly request: Message<Q>
  readonly response: Message<S>
}

export const api = <Q extends Fields, S extends Fields>(a: {
  key: number
  name: string
  versions: Versions
  flexible: Versions | 'none'
  request: Q
  response: S
}): Api<Q, S> => ({
  key: a.key,
  name: a.name,
  versions: a.versions,
  flexible: a.flexible,
  request: message(`${a.name}Request`, a, a.request),
  response: message(`${a.name}Response`, a, a.response),
})

export const lowestVersion = (a: Api): number => bounds(a.versions).lowest
export const highestVersion = (a: Api): number => bounds(a.versions).highest

/** Version of the request header that a request of this API has (KIP-482). */
export const requestHeaderVersion = (a: Api, version: number): 1 | 2 => (within(version, a.flexible) ? 2 : 1)

/** The same of the response; ApiVersions answers with version 0 for ever, so that any client can read it (KIP-511). */
export const responseHeaderVersion = (a: Api, version: number): 0 | 1 =>
  a.key !== 18 && within(version, a.flexible) ? 1 : 0
