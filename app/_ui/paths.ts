/**
 * Addresses of the console's pages, and names as segments of them. Topic names are tame, group ids are not: they may be empty,
 * "." or "..", or hold slashes, spaces and any letter, and proxies and browsers rewrite `%2F` and dot segments. So what they
 * would touch is written with `~` before the usual percent-encoding.
 */

export function encodeName(name: string): string {
  if (name === '') return '~e'
  const safe = name.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('%', '~2').replaceAll('\\', '~3')
  return encodeURIComponent(safe === '.' ? '~d' : safe === '..' ? '~d~d' : safe)
}

const escapes: Record<string, string> = { '0': '~', '1': '/', '2': '%', '3': '\\', d: '.', e: '' }

/** Takes a segment as it stands in the address, or one that has been percent-decoded already. */
export function decodeName(segment: string): string {
  let text = segment
  try {
    text = decodeURIComponent(segment)
  } catch {
    // A stray % typed by hand: take it as it stands.
  }
  return text.replace(/~([0123de])/g, (_, code: string) => escapes[code]!)
}

/** A name to be read: the empty one as two quotes. */
export const shownName = (name: string): string => name || '""'

export const topicTabs = ['messages', 'partitions', 'groups', 'configuration'] as const
export type TopicTab = (typeof topicTabs)[number]

const cluster = (clusterId: string) => `/clusters/${encodeName(clusterId)}`

/** Every page, by the words of its address. */
export const paths = {
  overview: (c: string) => `${cluster(c)}/overview`,
  topics: (c: string) => `${cluster(c)}/topics`,
  newTopic: (c: string) => `${cluster(c)}/topics/new`,
  topic: (c: string, topic: string, tab: TopicTab = 'messages') => `${cluster(c)}/topics/${encodeName(topic)}/${tab}`,
  groups: (c: string) => `${cluster(c)}/groups`,
  group: (c: string, groupId: string) => `${cluster(c)}/groups/${encodeName(groupId)}`,
  brokers: (c: string) => `${cluster(c)}/brokers`,
  broker: (c: string, brokerId: number) => `${cluster(c)}/brokers/${brokerId}`,
  models: (c: string) => `${cluster(c)}/models`,
  /** With a run's id: that run. */
  lab: (c: string, runId?: string) => `${cluster(c)}/lab${runId === undefined ? '' : `?run=${runId}`}`,
  http: (c: string) => `${cluster(c)}/http`,
  /** With an entry's id: with that entry open. */
  audit: (c: string, entryId?: string) => `${cluster(c)}/audit${entryId === undefined ? '' : `?entry=${entryId}`}`,
  settings: (c: string) => `${cluster(c)}/settings`,
} as const
