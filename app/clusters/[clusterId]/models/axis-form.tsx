'use client'
/** Which input lies on the horizontal axis, from where to where, and how. */
import { type InputName, inputs } from '../../../../server/console/models/inputs.ts'
import { Checkbox, Field, Select, TextInput } from '../../../_ui/field.tsx'
import { Panel } from '../../../_ui/page.tsx'
import { useMessages } from '../../../_ui/use-messages.ts'
import type { Range } from './curve.ts'
import { parseInput } from './input-text.ts'
import { messages } from './messages.ts'
import { useFigures } from './use-figures.ts'
import type { ModelsUrl } from './view.ts'

export function AxisForm({
  x,
  names,
  range,
  fallback,
  url,
  setUrl,
}: {
  x: InputName
  names: readonly InputName[]
  /** As typed; a word if it cannot be drawn. */
  range: Range | 'order' | 'positive'
  /** The range if nothing is typed. */
  fallback: Range
} & ModelsUrl) {
  const words = useMessages(messages)
  const m = words.axis
  const { writeInput } = useFigures()
  const { unit } = inputs[x]
  const unreadable = (text: string) =>
    text !== '' && parseInput(text, unit) === undefined ? words.inputs.unreadable : null
  const end = (which: 'from' | 'to') => (
    <Field
      label={m[which]}
      error={
        unreadable(url[which]) ??
        (typeof range === 'string' && which === (range === 'order' ? 'to' : 'from') ? m[range] : null)
      }
    >
      <TextInput
        mono
        value={url[which]}
        placeholder={writeInput(fallback[which], x)}
        onChange={(event) => setUrl({ [which]: event.target.value })}
      />
    </Field>
  )
  return (
    <Panel title={m.title}>
      <div className="grid grid-cols-2 gap-3">
        <Field label={m.x} className="col-span-2">
          <Select
            value={x}
            onChange={(next) => setUrl({ x: next, from: '', to: '' })}
            options={names.map((name) => ({ value: name, label: words.inputs.names[name] }))}
          />
        </Field>
        {end('from')}
        {end('to')}
        <div className="col-span-2 flex flex-wrap gap-x-4 gap-y-1">
          <Checkbox label={m.log} checked={url.log} onChange={(log) => setUrl({ log })} />
          <Checkbox label={m.logY} checked={url.logy} onChange={(logy) => setUrl({ logy })} />
        </div>
      </div>
    </Panel>
  )
}
