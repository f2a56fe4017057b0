'use client'
/** A key or a value: as a tree, as text, as bytes. Large ones show their beginning; nothing is rounded or lost on the way. */
import { Download } from 'lucide-react'
import { useMemo, useState } from 'react'
import { Badge } from '../../../../../_ui/badge.tsx'
import { Button, IconButton } from '../../../../../_ui/button.tsx'
import { Segments } from '../../../../../_ui/chips.tsx'
import { CopyButton } from '../../../../../_ui/copy.tsx'
import { bytesOfBase64 } from '../../../../../_ui/hex-lines.ts'
import { HexView } from '../../../../../_ui/hex-view.tsx'
import { parseJsonSource, prettyJson } from '../../../../../_ui/json-source.ts'
import { JsonTree } from '../../../../../_ui/json-tree.tsx'
import { Bone } from '../../../../../_ui/states.tsx'
import { useFormat } from '../../../../../_ui/use-format.ts'
import { useMessages } from '../../../../../_ui/use-messages.ts'
import type { Payload } from './record-columns.tsx'
import { words } from './words.ts'

type Mode = 'tree' | 'text' | 'hex'

/** What is drawn of a text at first, in characters, and up to which size JSON becomes a tree. */
const textAtOnce = 20_000
const treeUpTo = 5_000_000

export function PayloadView({
  title,
  payload,
  nullText,
  bytes,
  whole,
  fileName,
}: {
  title: string
  payload: Payload | null
  /** How null is said. */
  nullText: string
  /** base64; null while it is on its way. */
  bytes: string | null
  whole: boolean
  fileName: string
}) {
  const m = useMessages(words).record
  const f = useFormat()
  const [chosen, setChosen] = useState<Mode | null>(null)
  const source = payload && payload.kind !== 'binary' && !payload.truncated ? payload.text : null
  const root = useMemo(
    () =>
      source !== null && payload?.kind === 'json' && source.length <= treeUpTo ? parseJsonSource(source) : undefined,
    [source, payload?.kind],
  )
  const modes: Mode[] = [
    ...(root ? (['tree'] as const) : []),
    ...(payload?.kind === 'binary' ? [] : (['text'] as const)),
    'hex',
  ]
  const mode = chosen && modes.includes(chosen) ? chosen : modes[0]!

  function save() {
    if (bytes === null) return
    const url = URL.createObjectURL(new Blob([bytesOfBase64(bytes) as Uint8Array<ArrayBuffer>]))
    const link = document.createElement('a')
    link.href = url
    link.download = fileName
    link.click()
    setTimeout(() => URL.revokeObjectURL(url), 10_000)
  }

  return (
    <section aria-label={title}>
      <div className="mb-1.5 flex min-h-7 items-center gap-2">
        <h3 className="text-sm">{title}</h3>
        {payload && <span className="num text-faint">{f.bytes(payload.sizeBytes)}</span>}
        {payload?.kind === 'binary' && <Badge>{m.binary}</Badge>}
        {payload && payload.sizeBytes > 0 && (
          <span className="ml-auto flex items-center gap-1">
            <Segments
              label={`${title}: ${m.views}`}
              value={mode}
              onChange={setChosen}
              options={modes.map((value) => ({ value, label: m[value] }))}
            />
            {source !== null && <CopyButton text={source} />}
            <IconButton label={`${m.download}: ${title}`} icon={Download} disabled={bytes === null} onClick={save} />
          </span>
        )}
      </div>
      {payload === null ? (
        <p className="num text-faint italic">{nullText}</p>
      ) : payload.sizeBytes === 0 ? (
        <p className="text-faint italic">{m.empty}</p>
      ) : (
        <div className="rounded-md border bg-sunken p-2.5">
          {mode === 'tree' && root && source !== null && <JsonTree source={source} root={root} />}
          {mode === 'text' && (
            <>
              {payload.kind === 'json' && source !== null && !root && <p className="mb-2 text-muted">{m.deeper}</p>}
              <Text text={source !== null && root ? prettyJson(source, root) : payload.text} whole={whole} />
            </>
          )}
          {mode === 'hex' && (bytes === null ? <Bone className="h-4 w-2/3" /> : <Hex base64={bytes} />)}
        </div>
      )}
    </section>
  )
}

function Text({ text, whole }: { text: string; whole: boolean }) {
  const m = useMessages(words).record
  const f = useFormat()
  const [all, setAll] = useState(false)
  const cut = !all && text.length > textAtOnce
  return (
    <>
      <pre className="num whitespace-pre-wrap break-all">{cut ? text.slice(0, textAtOnce) : text}</pre>
      {cut && whole && (
        <Button className="mt-2" onClick={() => setAll(true)}>
          {m.showAll(f.bytes(text.length))}
        </Button>
      )}
    </>
  )
}

function Hex({ base64 }: { base64: string }) {
  return <HexView bytes={useMemo(() => bytesOfBase64(base64), [base64])} />
}
