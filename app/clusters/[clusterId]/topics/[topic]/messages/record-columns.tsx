'use client'
/** The columns of the list of messages. Values are one line of their beginning; null, empty and bytes are told apart. */
import { useMemo } from 'react'
import { isTime } from '../../../../../_ui/format.ts'
import { Unknown } from '../../../../../_ui/table/body.tsx'
import type { Column } from '../../../../../_ui/table/column.ts'
import { useFormat } from '../../../../../_ui/use-format.ts'
import { useMessages } from '../../../../../_ui/use-messages.ts'
import type { RecordRow } from './browse-state.ts'
import { words } from './words.ts'

export type Payload = NonNullable<RecordRow['value']>

const previewLength = 300

export function useRecordColumns(onOpen: (row: RecordRow) => void): readonly Column<RecordRow>[] {
  const m = useMessages(words)
  const f = useFormat()
  return useMemo(() => {
    const h = m.columns
    return [
      { id: 'partition', header: h.partition, width: 60, numeric: true, value: (r) => r.partition, sortable: false },
      {
        id: 'offset',
        header: h.offset,
        width: 104,
        numeric: true,
        fixed: true,
        sortable: false,
        value: (r) => r.offset,
        cell: (r) => (
          <button type="button" onClick={() => onOpen(r)} className="rounded-sm hover:text-accent hover:underline">
            {f.integer(r.offset)}
          </button>
        ),
      },
      {
        id: 'timestamp',
        header: `${h.timestamp} (${f.zone})`,
        width: 206,
        sortable: false,
        value: (r) => (isTime(r.timestampMs) ? f.dateTime(r.timestampMs, true) : null),
        cell: (r) =>
          isTime(r.timestampMs) ? (
            <span className="num text-muted">{f.dateTime(r.timestampMs, true)}</span>
          ) : (
            <Unknown />
          ),
      },
      {
        id: 'key',
        header: h.key,
        width: 150,
        sortable: false,
        value: (r) => textOf(r.key),
        cell: (r) => <Preview payload={r.key} />,
      },
      {
        id: 'value',
        header: h.value,
        width: 240,
        grow: true,
        sortable: false,
        value: (r) => textOf(r.value),
        cell: (r) => <Preview payload={r.value} />,
      },
      {
        id: 'headers',
        header: h.headers,
        width: 78,
        numeric: true,
        sortable: false,
        value: (r) => r.headerCount,
        cell: (r) => (r.headerCount === 0 ? <Unknown /> : f.integer(r.headerCount)),
      },
      {
        id: 'sizeBytes',
        header: h.sizeBytes,
        width: 84,
        numeric: true,
        sortable: false,
        value: (r) => r.sizeBytes,
        cell: (r) => f.bytes(r.sizeBytes),
      },
      { id: 'codec', header: h.codec, width: 80, hiddenAtFirst: true, sortable: false, value: (r) => r.batch.codec },
    ]
  }, [m, f, onOpen])
}

/** For the CSV: bytes as base64, null as an empty field. */
function textOf(payload: Payload | null): string | null {
  return payload === null ? null : payload.text
}

export function Preview({ payload }: { payload: Payload | null }) {
  const m = useMessages(words)
  const f = useFormat()
  if (payload === null) return <span className="num text-faint italic">{m.tombstone}</span>
  if (payload.kind === 'empty' || payload.sizeBytes === 0)
    return <span className="text-faint italic">{m.emptyPayload}</span>
  if (payload.kind === 'binary')
    return <span className="text-faint italic">{m.binary(f.bytes(payload.sizeBytes))}</span>
  return <span className="num">{payload.text.slice(0, previewLength)}</span>
}
