'use client'
/** Writes one record: key, value or tombstone, headers, partition. The form stays open, so that the next one is a change away. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Plus, Send, X } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { toast } from 'sonner'
import { Button, IconButton } from '../../../../../_ui/button.tsx'
import { Segments } from '../../../../../_ui/chips.tsx'
import { useClusterId } from '../../../../../_ui/cluster.tsx'
import { messages as common } from '../../../../../_ui/common.ts'
import { Sheet } from '../../../../../_ui/dialog.tsx'
import { Checkbox, Field, Select, TextArea, TextInput } from '../../../../../_ui/field.tsx'
import { parseJsonSource, prettyJson } from '../../../../../_ui/json-source.ts'
import { paths } from '../../../../../_ui/paths.ts'
import { Callout } from '../../../../../_ui/plan-dialog.tsx'
import { useFailure } from '../../../../../_ui/problem.ts'
import { useTRPC } from '../../../../../_ui/trpc.tsx'
import { useFormat } from '../../../../../_ui/use-format.ts'
import { useMessages } from '../../../../../_ui/use-messages.ts'
import { recordQuery } from '../messages/record-link.ts'
import { type Draft, encodings, faultOf, sent } from './payload.ts'
import { messages } from './produce-messages.ts'

const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

interface HeaderDraft {
  readonly id: number
  readonly key: string
  /** Null is a header without a value. */
  readonly value: string | null
}

export function ProduceSheet({
  topic,
  partitions,
  open,
  onProduced,
  onClose,
}: {
  topic: string
  partitions: number
  open: boolean
  onProduced(): void
  onClose(): void
}) {
  const m = useMessages(messages)
  const c = useMessages(common)
  const f = useFormat()
  const trpc = useTRPC()
  const router = useRouter()
  const queries = useQueryClient()
  const cluster = useClusterId()
  const [key, setKey] = useState<Draft>({ encoding: 'text', data: '' })
  const [withKey, setWithKey] = useState(true)
  const [value, setValue] = useState<Draft>({ encoding: 'json', data: '{\n  "hello": "world"\n}' })
  const [tombstone, setTombstone] = useState(false)
  const [headers, setHeaders] = useState<readonly HeaderDraft[]>([])
  const [partition, setPartition] = useState('auto')
  const [codec, setCodec] = useState<(typeof codecs)[number]>('none')
  const [time, setTime] = useState('')

  const produce = useMutation(
    trpc.messages.produce.mutationOptions({
      onSuccess: (done) => {
        onProduced()
        void queries.invalidateQueries({ queryKey: trpc.topics.pathKey() })
        toast.success(m.sentTo(String(done.partition), f.integer(done.offset)), {
          action: {
            label: m.open,
            onClick: () => router.push(`${paths.topic(cluster, topic)}?${recordQuery(done.partition, done.offset)}`),
          },
        })
      },
    }),
  )

  // A key that is typed as nothing is no key; an empty key is rare enough to be typed as hex or base64 of nothing.
  const keyed = withKey && (key.data !== '' || key.encoding !== 'text')
  const keyFault = keyed ? faultOf(key) : null
  const valueFault = tombstone ? null : faultOf(value)
  const atMs = time.trim() === '' ? null : f.parseDateTime(time)
  const valid = keyFault === null && valueFault === null && atMs !== undefined

  function submit() {
    if (!valid || produce.isPending) return
    produce.mutate({
      cluster,
      topic,
      partition: partition === 'auto' ? null : Number(partition),
      key: keyed ? sent(key) : null,
      value: tombstone ? null : sent(value),
      headers: headers.map((h) => ({
        key: h.key,
        value: h.value === null ? null : { encoding: 'text' as const, data: h.value },
      })),
      timestampMs: atMs,
      codec,
    })
  }

  const source = value.encoding === 'json' ? parseJsonSource(value.data) : undefined

  return (
    <Sheet
      open={open}
      onClose={onClose}
      title={m.title(topic)}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) {
          event.preventDefault()
          submit()
        }
      }}
      footer={
        <>
          <span className="mr-auto text-faint text-xs max-sm:hidden">{m.shortcut}</span>
          <Button onClick={onClose}>{c.close}</Button>
          <Button kind="primary" icon={Send} disabled={!valid} busy={produce.isPending} onClick={submit}>
            {m.send}
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        {produce.error && <Failed error={produce.error} />}
        <div className="flex flex-col gap-1.5">
          <Field
            label={m.key}
            error={keyFault && m[keyFault]}
            aside={<Checkbox label={m.noKey} checked={!withKey} onChange={(off) => setWithKey(!off)} />}
          >
            <TextInput
              mono
              disabled={!withKey}
              value={key.data}
              onChange={(event) => setKey({ ...key, data: event.target.value })}
            />
          </Field>
          <EncodingPicker draft={key} onChange={setKey} disabled={!withKey} />
        </div>
        <div className="flex flex-col gap-1.5">
          <Field
            label={m.value}
            error={valueFault && m[valueFault]}
            help={tombstone ? (withKey ? m.tombstoneHelp : m.tombstoneNoKey) : undefined}
            aside={<Checkbox label={m.tombstone} checked={tombstone} onChange={setTombstone} />}
          >
            <TextArea
              rows={9}
              disabled={tombstone}
              value={tombstone ? '' : value.data}
              placeholder={tombstone ? m.nothing : undefined}
              onChange={(event) => setValue({ ...value, data: event.target.value })}
            />
          </Field>
          <div className="flex flex-wrap items-center gap-2">
            <EncodingPicker draft={value} onChange={setValue} disabled={tombstone} />
            {source && !tombstone && (
              <Button kind="quiet" onClick={() => setValue({ ...value, data: prettyJson(value.data, source) })}>
                {m.format}
              </Button>
            )}
            <span className="num ml-auto text-faint">
              {!tombstone && f.bytes(new TextEncoder().encode(value.data).length)}
            </span>
          </div>
        </div>
        <Headers headers={headers} onChange={setHeaders} />
        <div className="grid gap-4 sm:grid-cols-3">
          <Field label={m.partition}>
            <Select
              value={partition}
              onChange={setPartition}
              options={[
                { value: 'auto', label: m.automatic },
                ...Array.from({ length: partitions }, (_, p) => ({ value: String(p), label: String(p) })),
              ]}
            />
          </Field>
          <Field label={m.codec}>
            <Select
              value={codec}
              onChange={(name) => setCodec(name)}
              options={codecs.map((name) => ({ value: name, label: name }))}
            />
          </Field>
          <Field
            label={m.timestamp}
            error={atMs === undefined ? m.timestampError : null}
            help={m.timestampHelp(f.zone)}
          >
            <TextInput mono value={time} placeholder={m.now} onChange={(event) => setTime(event.target.value)} />
          </Field>
        </div>
      </form>
    </Sheet>
  )
}

function EncodingPicker({
  draft,
  onChange,
  disabled,
}: {
  draft: Draft
  onChange(draft: Draft): void
  disabled: boolean
}) {
  const m = useMessages(messages)
  if (disabled) return null
  return (
    <Segments
      label={m.encoding}
      value={draft.encoding}
      onChange={(encoding) => onChange({ ...draft, encoding })}
      options={encodings.map((e) => ({ value: e, label: m.encodings[e] }))}
    />
  )
}

let nextId = 1

function Headers({
  headers,
  onChange,
}: {
  headers: readonly HeaderDraft[]
  onChange(headers: readonly HeaderDraft[]): void
}) {
  const m = useMessages(messages)
  const change = (id: number, part: Partial<HeaderDraft>) =>
    onChange(headers.map((h) => (h.id === id ? { ...h, ...part } : h)))
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 font-medium">{m.headers}</legend>
      {headers.map((header, index) => {
        const n = String(index + 1)
        return (
          <div key={header.id} className="flex items-center gap-2">
            <TextInput
              mono
              aria-label={m.headerKey(n)}
              value={header.key}
              onChange={(event) => change(header.id, { key: event.target.value })}
              className="w-2/5"
            />
            <TextInput
              mono
              aria-label={m.headerValue(n)}
              value={header.value ?? ''}
              disabled={header.value === null}
              placeholder={header.value === null ? m.nothing : undefined}
              onChange={(event) => change(header.id, { value: event.target.value })}
              className="flex-1"
            />
            <label className="flex items-center gap-1 text-muted">
              <input
                type="checkbox"
                aria-label={m.headerNull(n)}
                checked={header.value === null}
                onChange={(event) => change(header.id, { value: event.target.checked ? null : '' })}
                className="size-3.5 accent-[var(--accent)]"
              />
              <code aria-hidden>null</code>
            </label>
            <IconButton
              label={m.removeHeader(n)}
              icon={X}
              tip={false}
              onClick={() => onChange(headers.filter((h) => h.id !== header.id))}
            />
          </div>
        )
      })}
      <div>
        <Button icon={Plus} onClick={() => onChange([...headers, { id: nextId++, key: '', value: '' }])}>
          {m.addHeader}
        </Button>
      </div>
    </fieldset>
  )
}

function Failed({ error }: { error: unknown }) {
  const m = useMessages(messages)
  const failure = useFailure()(error)
  return (
    <Callout level="danger">
      <strong className="font-semibold">{m.failed}.</strong> {failure.message} {failure.detail} {failure.hint}
    </Callout>
  )
}
