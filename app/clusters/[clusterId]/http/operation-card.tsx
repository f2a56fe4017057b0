'use client'
/** One operation: what it does, a curl command that works as it stands, parameters, answers and errors. */
import { ChevronRight } from 'lucide-react'
import { type ReactNode, useId, useState } from 'react'
import { Badge } from '../../../_ui/badge.tsx'
import { Segments } from '../../../_ui/chips.tsx'
import { Code } from '../../../_ui/copy.tsx'
import { cx } from '../../../_ui/cx.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { curlOf, type ExampleValues } from './curl.ts'
import { messages } from './messages.ts'
import type { Operation } from './operations.ts'

export function OperationCard({
  operation,
  origin,
  values,
  open,
  onToggle,
}: {
  operation: Operation
  origin: string
  values: ExampleValues
  open: boolean
  onToggle(open: boolean): void
}) {
  const m = useMessages(messages)
  const id = useId()
  const summaries: Readonly<Record<string, string>> = m.summaries
  return (
    <div className="border-b last:border-b-0">
      <h3>
        <button
          type="button"
          aria-expanded={open}
          aria-controls={id}
          onClick={() => onToggle(!open)}
          className="flex min-h-[38px] w-full flex-wrap items-center gap-x-2.5 gap-y-0.5 px-3.5 py-1.5 text-left font-normal hover:bg-hover"
        >
          <ChevronRight size={14} aria-hidden className={cx('shrink-0 text-faint', open && 'rotate-90')} />
          <Badge tone={operation.method === 'POST' ? 'accent' : 'neutral'} className="num w-11 justify-center">
            {operation.method}
          </Badge>
          <code className="break-all">{operation.path}</code>
          <span className="text-muted">{summaries[operation.id] ?? operation.summary}</span>
        </button>
      </h3>
      <div id={id} hidden={!open} className="px-3.5 pt-1 pb-5 sm:pl-[38px]">
        {open && <Opened operation={operation} origin={origin} values={values} />}
      </div>
    </div>
  )
}

function Opened({ operation, origin, values }: { operation: Operation; origin: string; values: ExampleValues }) {
  const m = useMessages(messages)
  const [type, setType] = useState(operation.requests[0]?.type ?? '')
  const request = operation.requests.find((r) => r.type === type)
  return (
    <div className="flex flex-col gap-4">
      {operation.description && <p className="prose-width text-muted">{plain(operation.description)}</p>}
      <Part title={m.curl}>
        {operation.requests.length > 1 && (
          <Segments
            label={m.contentType}
            value={type}
            onChange={setType}
            options={operation.requests.map((r) => ({ value: r.type, label: r.type.replace(/^application\//, '') }))}
          />
        )}
        <Code>{curlOf(operation, origin, values, request)}</Code>
      </Part>
      {operation.parameters.length > 0 && (
        <Part title={m.parameters}>
          <Parameters operation={operation} />
        </Part>
      )}
      <Part title={m.answers}>
        <div className="flex flex-col gap-1.5">
          {operation.answers.map((answer) => (
            <Answer key={answer.status} answer={answer} values={values} />
          ))}
        </div>
      </Part>
    </div>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex min-w-0 flex-col gap-1.5">
      <h4 className="font-semibold">{title}</h4>
      {children}
    </section>
  )
}

function Parameters({ operation }: { operation: Operation }) {
  const m = useMessages(messages)
  const h = m.parameterColumns
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled with the arrow keys
    <section className="overflow-x-auto rounded-md border" tabIndex={0} aria-label={m.parameters}>
      <table className="w-full min-w-[560px]">
        <thead>
          <tr className="bg-sunken text-left text-muted text-xs">
            {[h.name, h.in, h.type, h.default, h.description].map((title) => (
              <th key={title} scope="col" className="px-2.5 py-1.5 font-medium">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {operation.parameters.map((p) => (
            <tr key={`${p.in} ${p.name}`} className="border-t align-top">
              <td className="num whitespace-nowrap px-2.5 py-1.5">
                {p.name}
                {p.required && <span className="ml-1.5 font-sans text-faint text-xs">{m.required}</span>}
              </td>
              <td className="px-2.5 py-1.5 text-muted">{p.in}</td>
              <td className="px-2.5 py-1.5 text-muted">{p.type}</td>
              <td className="num px-2.5 py-1.5">{p.default ?? ''}</td>
              <td className="px-2.5 py-1.5">{plain(p.description)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Answer({ answer, values }: { answer: Operation['answers'][number]; values: ExampleValues }) {
  const good = answer.status.startsWith('2')
  return (
    <details open={good} className="group rounded-md border">
      <summary className="flex min-h-8 items-center gap-2 px-2.5 py-1">
        <ChevronRight size={13} aria-hidden className="shrink-0 text-faint group-open:rotate-90" />
        <Badge tone={good ? 'ok' : answer.status.startsWith('5') ? 'bad' : 'warn'}>{answer.status}</Badge>
        <span className="min-w-0 text-muted">{plain(answer.description.split('\n\n').join(' · '))}</span>
      </summary>
      <div className="flex flex-col gap-1.5 px-2.5 pb-2.5">
        {answer.examples.map((example) => (
          <div key={example.type}>
            <div className="num mb-1 text-faint text-xs">{example.type}</div>
            <Code>{example.body.replaceAll('"orders"', JSON.stringify(values.topic))}</Code>
          </div>
        ))}
      </div>
    </details>
  )
}

/** Marked-up words as plain ones: the document marks code with backticks. */
function plain(text: string): ReactNode {
  return text.split('`').map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))
}
