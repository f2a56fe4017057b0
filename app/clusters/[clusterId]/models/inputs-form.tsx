'use client'
/** The inputs of the formulas that are shown: the live figure as placeholder, another one typed with any unit that fits. */
import { RotateCcw } from 'lucide-react'
import { type InputName, inputs } from '../../../../server/console/models/inputs.ts'
import { Badge } from '../../../_ui/badge.tsx'
import { Button, IconButton } from '../../../_ui/button.tsx'
import { Field, TextInput } from '../../../_ui/field.tsx'
import { Panel } from '../../../_ui/page.tsx'
import { useMessages } from '../../../_ui/use-messages.ts'
import { type Basis, inputNames } from './held.ts'
import { parseInput } from './input-text.ts'
import { messages } from './messages.ts'
import { useFigures } from './use-figures.ts'
import type { ModelsUrl } from './view.ts'

export function InputsForm({
  names,
  basis,
  problems,
  url,
  setUrl,
}: {
  names: readonly InputName[]
  /** Undefined while the live figures are not known. */
  basis: Basis | undefined
  /** What a formula says of an input. */
  problems: ReadonlyMap<InputName, string>
} & ModelsUrl) {
  const m = useMessages(messages).inputs
  const changed = inputNames.some((name) => url[name] !== '')
  return (
    <Panel
      title={m.title}
      actions={
        changed && (
          <Button
            kind="quiet"
            icon={RotateCcw}
            onClick={() => setUrl(Object.fromEntries(inputNames.map((name) => [name, ''])))}
          >
            {m.resetAll}
          </Button>
        )
      }
    >
      <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-1">
        {names.map((name) => (
          <OneInput
            key={name}
            name={name}
            basis={basis}
            problem={problems.get(name)}
            text={url[name]}
            onText={(text) => setUrl({ [name]: text })}
          />
        ))}
      </div>
    </Panel>
  )
}

function OneInput({
  name,
  basis,
  problem,
  text,
  onText,
}: {
  name: InputName
  basis: Basis | undefined
  problem: string | undefined
  text: string
  onText(text: string): void
}) {
  const words = useMessages(messages)
  const m = words.inputs
  const { writeInput } = useFigures()
  const live = basis?.inputs[name]
  const { unit } = inputs[name]
  const parsed = text === '' ? undefined : parseInput(text, unit)
  const value = text === '' ? live?.value : parsed
  const from = text === '' ? live?.from : 'typed'
  return (
    <Field
      label={m.names[name]}
      aside={
        <span className="flex items-center gap-1.5">
          {from && <Badge tone={from === 'typed' ? 'accent' : 'neutral'}>{m.from[from]}</Badge>}
          {text !== '' && (
            <IconButton
              label={m.reset(m.names[name])}
              icon={RotateCcw}
              className="h-5 w-5"
              onClick={() => onText('')}
            />
          )}
        </span>
      }
      error={text !== '' && parsed === undefined ? m.unreadable : problem}
      help={
        <span className="flex gap-2">
          <code>{name}</code>
          <span>{words.units[unit]}</span>
          <span className="num ml-auto text-muted">{value === undefined ? '' : writeInput(value, name)}</span>
        </span>
      }
    >
      <TextInput
        mono
        value={text}
        placeholder={live ? String(Number(live.value.toPrecision(6))) : ''}
        onChange={(event) => onText(event.target.value)}
      />
    </Field>
  )
}
