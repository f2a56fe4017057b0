'use client'
/** A topic's messages: newest, oldest, from an offset or a time, or live; by partition and text; one of them at the side. */
import { Pause, Play, RotateCw, Send } from 'lucide-react'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { isTyping } from '../../../../../_shell/use-shortcuts.ts'
import { Button, IconButton } from '../../../../../_ui/button.tsx'
import { useClusterId } from '../../../../../_ui/cluster.tsx'
import { messages as common } from '../../../../../_ui/common.ts'
import { Empty } from '../../../../../_ui/states.tsx'
import { DataTable } from '../../../../../_ui/table/data-table.tsx'
import { useFormat } from '../../../../../_ui/use-format.ts'
import { useMessages } from '../../../../../_ui/use-messages.ts'
import { useProduced, useTopic, useTopicName } from '../use-topic.ts'
import type { RecordRow } from './browse-state.ts'
import { Controls } from './controls.tsx'
import { EmptyTopic } from './empty-topic.tsx'
import { Outcome } from './outcome.tsx'
import { useRecordColumns } from './record-columns.tsx'
import { parseRecordKey, recordKey } from './record-link.ts'
import { RecordSheet } from './record-sheet.tsx'
import { useBrowse } from './use-browse.ts'
import { useView } from './view.ts'
import { words } from './words.ts'

export function Messages() {
  const m = useMessages(words)
  const c = useMessages(common)
  const f = useFormat()
  const cluster = useClusterId()
  const topic = useTopicName()
  const detail = useTopic()
  const { url, setUrl, input } = useView(cluster, topic)
  const [paused, setPaused] = useState(false)
  const [pointed, setPointed] = useState(false)
  const live = url.from === 'live'
  const { state, more, again } = useBrowse(input, { paused: live && paused, hold: live && pointed })

  const produced = useProduced()
  const read = useRef(produced)
  useEffect(() => {
    if (read.current === produced) return
    read.current = produced
    if (!live) again()
  }, [produced, live, again])

  const rows = useMemo(
    () => (state.earlier.length > 0 ? [...state.earlier, ...state.rows] : state.rows),
    [state.earlier, state.rows],
  )
  const waiting = rows.length === 0 && (state.phase === 'resolving' || state.phase === 'reading')
  const open = parseRecordKey(url.open)

  const show = useCallback((row: RecordRow) => setUrl({ open: recordKey(row) }), [setUrl])
  const columns = useRecordColumns(show)
  const step = useCallback(
    (by: 1 | -1) => {
      // From the address itself: keys that come fast are ahead of what is drawn.
      const open = new URLSearchParams(window.location.search).get('open')
      const at = rows.findIndex((row) => recordKey(row) === open)
      const to = at < 0 ? undefined : rows[at + by]
      if (to) show(to)
    },
    [rows, show],
  )

  useEffect(() => {
    if (!live) {
      setPaused(false)
      return
    }
    function keydown(event: KeyboardEvent) {
      const target = event.target as Element | null
      if (event.key !== ' ' || isTyping(event.target) || target?.closest('button, a, [role="menu"], [role="dialog"]'))
        return
      event.preventDefault()
      setPaused((was) => !was)
    }
    document.addEventListener('keydown', keydown)
    return () => document.removeEventListener('keydown', keydown)
  }, [live])

  const at = open ? rows.findIndex((row) => recordKey(row) === url.open) : -1
  const noRecords = detail.data?.records === 0 && url.q === '' && !live

  return (
    <div
      className="flex min-h-0 flex-1 flex-col"
      onPointerOver={(event) => setPointed((event.target as Element).closest('tbody') !== null)}
      onPointerLeave={() => setPointed(false)}
    >
      <DataTable
        id="messages"
        label={m.table}
        fill
        className="min-h-[360px]"
        columns={columns}
        rows={waiting ? undefined : rows}
        rowKey={recordKey}
        onOpen={show}
        openKey={url.open}
        csv={`${cluster}_${topic}_messages`}
        error={state.phase === 'failed' && rows.length === 0 ? state.error : null}
        onRetry={again}
        skeletonRows={18}
        toolbar={
          <>
            <Controls url={url} setUrl={setUrl} partitions={detail.data?.partitions.length ?? 0} />
            {live ? (
              <Button icon={paused ? Play : Pause} aria-pressed={paused} onClick={() => setPaused(!paused)}>
                {paused ? c.live.resume : c.live.pause}
              </Button>
            ) : (
              <IconButton label={m.reload} icon={RotateCw} onClick={again} busy={state.phase === 'reading'} />
            )}
          </>
        }
        empty={
          live ? (
            <Empty title={m.nothingLive}>{m.nothingLiveDetail}</Empty>
          ) : noRecords ? (
            <EmptyTopic topic={topic} />
          ) : (
            <Empty
              title={m.nothingTitle}
              action={
                <>
                  {more && (
                    <Button kind="primary" onClick={more}>
                      {m.more}
                    </Button>
                  )}
                  <Button icon={Send} onClick={() => setUrl({ produce: true })}>
                    {m.produce}
                  </Button>
                </>
              }
            >
              {m.nothing}
            </Empty>
          )
        }
        footer={<Outcome state={state} live={live} paused={paused} shown={rows.length} onMore={more} onAgain={again} />}
      />
      <RecordSheet
        topic={topic}
        at={open}
        preview={at < 0 ? undefined : rows[at]}
        onClose={() => setUrl({ open: '' })}
        onPrevious={at > 0 ? () => step(-1) : undefined}
        onNext={at >= 0 && at < rows.length - 1 ? () => step(1) : undefined}
      />
      <span className="sr-only" role="status">
        {live ? '' : state.phase === 'done' ? m.shown(f.integer(rows.length)) : ''}
      </span>
    </div>
  )
}
