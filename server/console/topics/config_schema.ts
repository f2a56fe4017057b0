/** Every topic config as a form needs it: from the table of settings, with the defaults that this cluster's brokers have. */

import type { Row } from '../../config/define.ts'
import { topicConfigs } from '../../config/topic.ts'
import type { ClusterConnection } from '../cluster/connection.ts'
import type { ConfigSchemaEntry } from '../shapes/topic.ts'

/** Brokers' settings change rarely. */
const KEEP_MS = 30_000

const rows: readonly Row[] = Object.values(topicConfigs)

export class ConfigSchema {
  private defaults: { byName: Map<string, string | null>; atMs: number } | undefined

  constructor(private readonly connection: ClusterConnection) {}

  async entries(): Promise<readonly ConfigSchemaEntry[]> {
    const defaults = await this.brokerDefaults()
    return rows.filter((row) => !row.internal).map((row) => entryOf(row, defaults))
  }

  documentation(name: string): string | null {
    return rows.find((row) => row.name === name)?.doc ?? null
  }

  /** Broker config name → value, of whichever broker answers; empty if none does: then the table's defaults stand. */
  private async brokerDefaults(): Promise<ReadonlyMap<string, string | null>> {
    const nowMs = this.connection.nowMs()
    if (this.defaults && nowMs - this.defaults.atMs < KEEP_MS) return this.defaults.byName
    const broker = this.connection.lastKnown?.brokers[0]
    if (!broker) return new Map()
    const [described] = await this.connection.client.admin.describeConfigs([
      { type: 'broker', name: String(broker.id) },
    ])
    if (described!.error) return new Map()
    const byName = new Map(described!.configs.map((c) => [c.name, c.value]))
    this.defaults = { byName, atMs: nowMs }
    return byName
  }
}

function entryOf(row: Row, brokers: ReadonlyMap<string, string | null>): ConfigSchemaEntry {
  const own = textOf(row.default)
  const ranged = 'min' in row || 'max' in row
  return {
    name: row.name,
    type: row.type,
    default: (row.broker !== undefined ? brokers.get(row.broker) : undefined) ?? own,
    documentation: row.doc,
    importance: row.importance,
    range: ranged
      ? { min: ('min' in row ? row.min : null) ?? null, max: ('max' in row ? row.max : null) ?? null }
      : null,
    also: ('also' in row ? row.also : undefined) ?? [],
    oneOf: ('oneOf' in row ? row.oneOf : undefined) ?? null,
    form: 'form' in row && row.form ? { pattern: row.form.pattern.source, says: row.form.says } : null,
    unit: ('unit' in row ? row.unit : undefined) ?? null,
  }
}

const textOf = (value: Row['default']): string | null =>
  value === null ? null : Array.isArray(value) ? value.join(',') : String(value)
