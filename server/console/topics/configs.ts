/** Configs of a topic or a broker, with where each value comes from and what would hold without it. */
import type { ConfigResource, ConfigEntry as Described } from '../../client/admin/configs.ts'
import type { ClusterConnection } from '../cluster/connection.ts'
import type { ConfigEntry } from '../shapes/topic.ts'
import type { ConfigSchema } from './config_schema.ts'

/** Throws the cluster's KafkaError. */
export async function configsOf(
  connection: ClusterConnection,
  resource: ConfigResource,
  schema?: ConfigSchema,
): Promise<readonly ConfigEntry[]> {
  const { admin } = connection.client
  const [described] = await admin.describeConfigs([resource], { synonyms: true, documentation: true })
  if (described!.error) throw described!.error
  const entries = described!.configs.map((c) => entryOf(c, schema?.documentation(c.name) ?? null))
  for (const [i, e] of entries.entries()) {
    // Brokers do not name a synonym that is derived from another unit, as retention.ms from log.retention.hours.
    if (!e.isDefault && e.inherited === null && schema) entries[i] = { ...e, inherited: await schema.defaultOf(e.name) }
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
}

function entryOf(c: Described, ownWords: string | null): ConfigEntry {
  const overridden =
    c.source === 'DYNAMIC_TOPIC_CONFIG' || c.source === 'DYNAMIC_BROKER_CONFIG' || c.source === 'DYNAMIC_GROUP_CONFIG'
  const inherited = c.synonyms.find((s) => s.source !== c.source)
  return {
    name: c.name,
    value: c.value,
    source: c.source,
    isDefault: !overridden,
    readOnly: c.readOnly,
    sensitive: c.sensitive,
    inherited: overridden ? (inherited?.value ?? null) : c.value,
    synonyms: c.synonyms,
    documentation: ownWords ?? (c.documentation ? plainText(c.documentation) : null),
  }
}

/** Some brokers send their documentation with markup; here it is shown as text. */
export const plainText = (html: string): string =>
  html
    .replace(/<[^>]+>/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, '’')
    .replace(/&amp;/g, '&')
    .trim()
