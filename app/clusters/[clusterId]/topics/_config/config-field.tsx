'use client'
/** One topic config as a form field: its name, its documentation, its default in the field, checked as it is typed. */
import { RotateCcw } from 'lucide-react'
import { IconButton } from '../../../../_ui/button.tsx'
import { Checkbox, Field, Select, TextInput, UnitInput } from '../../../../_ui/field.tsx'
import { formatBytes, formatDuration, formatInteger } from '../../../../_ui/format.ts'
import { useLocale } from '../../../../_ui/preferences.tsx'
import type { Outputs } from '../../../../_ui/trpc.tsx'
import { useMessages } from '../../../../_ui/use-messages.ts'
import { messages } from '../messages.ts'
import { type ConfigFault, checkConfig, unitKind } from './check-config.ts'
import { helpZh } from './help-zh.ts'

export type ConfigSchema = Outputs['topics']['configSchema'][number]

/** `value`: as typed; the empty text leaves the default. */
export function ConfigField({
  schema,
  fallback,
  value,
  onChange,
}: {
  schema: ConfigSchema
  /** What holds when nothing is set. */
  fallback: string | null
  value: string
  onChange(value: string): void
}) {
  const m = useMessages(messages)
  const say = useDefaultText()
  const fault = useFaultText()
  const help = useHelp()
  const checked = value === '' ? null : checkConfig(schema, value)
  return (
    <Field
      label={<code className="break-all">{schema.name}</code>}
      help={help(schema)}
      error={checked && 'fault' in checked ? fault(checked.fault) : null}
      aside={
        value === '' ? null : (
          <IconButton
            label={`${m.config.reset}: ${schema.name}`}
            icon={RotateCcw}
            className="h-5 w-5"
            onClick={() => onChange('')}
          />
        )
      }
    >
      <Control
        schema={schema}
        fallback={say(schema, fallback)}
        words={(value || (fallback ?? '')).split(',').filter((word) => word !== '')}
        value={value}
        onChange={onChange}
      />
    </Field>
  )
}

function Control({
  schema,
  fallback,
  words: set,
  value,
  onChange,
}: {
  schema: ConfigSchema
  fallback: string
  /** Of a list: what is set, or holds by default. */
  words: readonly string[]
  value: string
  onChange(value: string): void
}) {
  const m = useMessages(messages)
  if (schema.type === 'boolean' || (schema.oneOf && schema.type !== 'list')) {
    const words = schema.type === 'boolean' ? ['true', 'false'] : schema.oneOf!
    return (
      <Select
        value={value}
        onChange={onChange}
        options={[{ value: '', label: m.config.keep(fallback) }, ...words.map((w) => ({ value: w, label: w }))]}
        className="num max-w-72"
      />
    )
  }
  if (schema.oneOf) {
    return (
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <TextInput
          mono
          value={value}
          placeholder={fallback}
          onChange={(event) => onChange(event.target.value)}
          className="max-w-72"
        />
        {schema.oneOf.map((word) => (
          <Checkbox
            key={word}
            label={<code>{word}</code>}
            checked={set.includes(word)}
            onChange={(on) => onChange((on ? [...set, word] : set.filter((w) => w !== word)).join(','))}
          />
        ))}
      </div>
    )
  }
  const unit = unitKind(schema.unit)
  if (unit) {
    return <UnitInput unit={unit} value={value} placeholder={fallback} onChange={onChange} className="max-w-72" />
  }
  return (
    <TextInput
      mono
      value={value}
      placeholder={fallback}
      onChange={(event) => onChange(event.target.value)}
      className="max-w-72"
    />
  )
}

/** What a config is for, in the reader's language. */
export function useHelp(): (schema: Pick<ConfigSchema, 'name' | 'documentation'>) => string {
  const locale = useLocale()
  return (schema) => (locale === 'zh' ? (helpZh[schema.name] ?? schema.documentation) : schema.documentation)
}

/** A rule that is broken, in words. */
function useFaultText(): (fault: ConfigFault) => string {
  const m = useMessages(messages)
  return (fault) => {
    if (fault.rule === 'least' || fault.rule === 'most') return m.errors[fault.rule](formatInteger(fault.limit))
    if (fault.rule === 'oneOf') return m.errors.oneOf(fault.values.join(', '))
    if (fault.rule === 'form') return m.errors.form(fault.says)
    return m.errors[fault.rule]
  }
}

/** A default with its meaning beside it: `604800000 (7 d)`. */
export function useDefaultText(): (schema: Pick<ConfigSchema, 'unit'>, value: string | null) => string {
  const m = useMessages(messages)
  const locale = useLocale()
  return (schema, value) => {
    if (value === null || value === '') return m.config.empty
    const n = Number(value)
    const unit = unitKind(schema.unit)
    if (!unit || !Number.isFinite(n) || n < 1_000) return value
    // The largest long stands for "without end".
    if (n > Number.MAX_SAFE_INTEGER) return value
    return `${value} (${unit === 'bytes' ? formatBytes(n) : formatDuration(unit === 's' ? n * 1000 : n, locale)})`
  }
}
