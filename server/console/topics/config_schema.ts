/** Every topic config as a form needs it: from the table of settings, with the defaults that this cluster's brokers have. */

import { brokerConfigs } from '../../config/broker.ts'
import { type Row, type Table, unitMs } from '../../config/define.ts'
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

  /** What a topic has that says nothing about it; null if that is nothing, or unknown. */
  async defaultOf(name: string): Promise<string | null> {
    return (await this.entries()).find((e) => e.name === name)?.default ?? null
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
    default: inheritedFrom(row, brokers) ?? own,
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

/** The broker's setting, or the first of those that stand in for it, converted (log.retention.hours for log.retention.ms). */
function inheritedFrom(row: Row, brokers: ReadonlyMap<string, string | null>): string | null {
  if (row.broker === undefined) return null
  const own = (brokerConfigs as Table)[row.broker]
  for (const name of [row.broker, ...(own?.instead ?? [])]) {
    const value = brokers.get(name)
    if (value === undefined || value === null) continue
    const factor = factorOf((brokerConfigs as Table)[name]) / factorOf(own)
    return factor === 1 || !(Number(value) > 0) ? value : String(Number(value) * factor)
  }
  return null
}

const factorOf = (row: Row | undefined): number =>
  row !== undefined && 'unit' in row && row.unit !== undefined && row.unit in unitMs
    ? unitMs[row.unit as keyof typeof unitMs]
    : 1

const textOf = (value: Row['default']): string | null =>
  value === null ? null : Array.isArray(value) ? value.join(',') : String(value)
