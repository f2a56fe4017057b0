'use client'
/** Below the list: how much was read and why it stopped, and how to go on. Never silent about what was left out. */
import { Popover } from 'radix-ui'
import { Badge } from '../../../../../_ui/badge.tsx'
import { Button } from '../../../../../_ui/button.tsx'
import { messages as common } from '../../../../../_ui/common.ts'
import { useFailure } from '../../../../../_ui/problem.ts'
import { overlays } from '../../../../../_ui/tip.tsx'
import { useFormat } from '../../../../../_ui/use-format.ts'
import { useMessages } from '../../../../../_ui/use-messages.ts'
import { type BrowseState, type Progress, ringRows } from './browse-state.ts'
import { words } from './words.ts'

export function Outcome({
  state,
  live,
  paused,
  shown,
  onMore,
  onAgain,
}: {
  state: BrowseState
  live: boolean
  paused: boolean
  shown: number
  onMore: (() => void) | null
  onAgain(): void
}) {
  const m = useMessages(words)
  const c = useMessages(common)
  const f = useFormat()
  const say = useFailure()
  const { progress, done } = state

  if (state.phase === 'failed') {
    const failure = say(state.error)
    return (
      <span className="flex flex-wrap items-center gap-2">
        <Badge tone="bad">{failure.message}</Badge>
        <Button onClick={onAgain}>{c.retry}</Button>
      </span>
    )
  }
  if (live) {
    return (
      <span className="flex flex-wrap items-center gap-x-3 gap-y-1 tabular-nums" data-outcome>
        {paused ? <Badge tone="warn">{m.paused(f.integer(state.missed))}</Badge> : <Badge tone="ok">{m.liveOn}</Badge>}
        <span>{m.shown(f.integer(shown))}</span>
        {shown >= ringRows && <span>{m.ring(f.integer(ringRows))}</span>}
        {!paused && state.held.length > 0 && <span>{m.held(f.integer(state.held.length))}</span>}
        {state.dropped > 0 && <span>{m.dropped(f.integer(state.dropped))}</span>}
      </span>
    )
  }
  return (
    <span className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-1 tabular-nums" data-outcome>
      {progress ? (
        <>
          <Coverage progress={progress} />
          <span>{m.took(f.duration(progress.elapsedMs))}</span>
          {done ? <span>{m.stops[done.stop]}</span> : <span>{m.reading} …</span>}
          <span>{m.shown(f.integer(shown))}</span>
        </>
      ) : (
        <span>{m.reading} …</span>
      )}
      {done?.notes.map((note) => (
        <span key={`${note.code} ${note.partition}`} className="text-warn">
          ▲ {note.partition !== null && m.notePartition(String(note.partition))}
          {(m.notes as Readonly<Record<string, string>>)[note.code] ?? note.message}
        </span>
      ))}
      {onMore && (
        <Button className="ml-auto" onClick={onMore}>
          {m.more}
        </Button>
      )}
    </span>
  )
}

const partitionsShown = 200

/** What was read of each partition. */
function Coverage({ progress }: { progress: Progress }) {
  const m = useMessages(words)
  const f = useFormat()
  return (
    <Popover.Root>
      <Popover.Trigger className="rounded-sm underline decoration-dotted underline-offset-2 hover:text-ink">
        {m.scanned(f.integer(progress.scannedRecords), f.bytes(progress.scannedBytes))}
      </Popover.Trigger>
      <Popover.Portal container={overlays()}>
        <Popover.Content
          side="top"
          align="start"
          sideOffset={6}
          collisionPadding={8}
          aria-label={m.coverage}
          className="z-50 max-h-80 overflow-auto rounded-md border border-line-strong bg-raised p-2 shadow-float"
        >
          <table className="num">
            <caption className="pb-1 text-left font-sans font-semibold">{m.coverage}</caption>
            <thead>
              <tr className="text-faint">
                <th scope="col" className="pr-4 text-left font-normal">
                  {m.coverageColumns.partition}
                </th>
                <th scope="col" className="pr-4 text-right font-normal">
                  {m.coverageColumns.range}
                </th>
                <th scope="col" className="pr-4 text-right font-normal">
                  {m.coverageColumns.read}
                </th>
                <th scope="col" className="text-right font-normal">
                  {m.coverageColumns.share}
                </th>
              </tr>
            </thead>
            <tbody>
              {progress.partitions.slice(0, partitionsShown).map((p) => {
                const range = p.endOffset - p.startOffset
                const read = Math.max(0, p.scannedTo - p.scannedFrom)
                return (
                  <tr key={p.partition}>
                    <td className="pr-4">{p.partition}</td>
                    <td className="pr-4 text-right">
                      {f.integer(p.startOffset)} … {f.integer(p.endOffset)}
                    </td>
                    <td className="pr-4 text-right">
                      {read === 0 ? '–' : `${f.integer(p.scannedFrom)} … ${f.integer(p.scannedTo)}`}
                    </td>
                    <td className="text-right">{range <= 0 ? '–' : f.percent(Math.min(1, read / range))}</td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}
