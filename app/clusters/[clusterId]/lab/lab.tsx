'use client'
/** The lab: processes and what is done to them, a run with its timeline and figures, the runs that are kept. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Download, Link2, Trash2 } from 'lucide-react'
import { useCallback, useMemo, useState } from 'react'
import { toast } from 'sonner'
import { Badge } from '../../../_ui/badge.tsx'
import { Button, IconButton } from '../../../_ui/button.tsx'
import { useClusterId } from '../../../_ui/cluster.tsx'
import { messages as common } from '../../../_ui/common.ts'
import { copyText } from '../../../_ui/copy.tsx'
import { download } from '../../../_ui/csv.ts'
import { Dialog } from '../../../_ui/dialog.tsx'
import { Page, PageHead, Panel } from '../../../_ui/page.tsx'
import { Callout } from '../../../_ui/plan-dialog.tsx'
import { useFailure } from '../../../_ui/problem.ts'
import { Bone, Empty, ErrorState, LoadingNote } from '../../../_ui/states.tsx'
import { useTRPC, useTRPCClient } from '../../../_ui/trpc.tsx'
import { useUrlState } from '../../../_ui/url-state.ts'
import { useFormat } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { Availability } from './availability.tsx'
import { Events } from './events.tsx'
import { KeptRuns } from './kept-runs.tsx'
import { messages } from './messages.ts'
import { Processes } from './processes.tsx'
import { RunBar } from './run-bar.tsx'
import { Steps } from './steps.tsx'
import { Timeline } from './timeline.tsx'
import { timelineOf } from './timeline-rows.ts'
import { type Run, useLive, useRun } from './use-run.ts'
import { Verdict } from './verdict.tsx'
import { labUrl } from './view.ts'

export function Lab() {
  const m = useMessages(messages)
  const trpc = useTRPC()
  const cluster = useClusterId()
  const [url, setUrl] = useUrlState(labUrl)
  const state = useQuery(trpc.lab.state.queryOptions({ cluster }, { refetchInterval: 5_000 }))
  const { live, run: streamed } = useLive()
  const { run, error, loading, retry } = useRun(url.run, streamed)
  const running = streamed ? streamed.summary === null : (state.data?.running ?? null) !== null
  const isPresent = run !== undefined && run === streamed
  // Of a link that was made where there are processes to disturb.
  const scenario = state.data?.embedded === false ? '' : url.scenario
  const open = useCallback((id: string) => setUrl({ run: id }, { push: true }), [setUrl])

  return (
    <Page>
      <PageHead
        title={m.title}
        aside={running && <Badge tone="accent">{m.run.goesOn}</Badge>}
        actions={
          url.run !== '' &&
          streamed &&
          !isPresent && <Button onClick={() => setUrl({ run: '' }, { push: true })}>{m.run.back}</Button>
        }
      />
      <p className="prose-width text-muted">{m.intro}</p>
      {state.error && !state.data ? (
        <Panel>
          <ErrorState error={state.error} onRetry={() => void state.refetch()} busy={state.isFetching} />
        </Panel>
      ) : (
        <>
          <RunBar
            state={state.data}
            running={running}
            scenario={running ? (streamed?.head.scenario ?? '') : scenario}
            onScenario={(scenario) => setUrl({ scenario })}
            watched={url.watched}
            onWatched={(watched) => watched !== url.watched && setUrl({ watched })}
            onBegun={() => setUrl({ run: '' })}
          />
          {state.data?.embedded === false && <Callout level="info">{m.notEmbedded}</Callout>}
          {live?.problem && (
            <Callout level="warning">
              {m.unknownProcesses} <span lang="en">{live.problem}</span>
            </Callout>
          )}
          {state.data?.embedded !== false && <Processes rows={live?.processes} atMs={live?.atMs ?? 0} />}
          {error ? (
            <Panel title={m.run.notFound}>
              <ErrorState error={error} onRetry={retry} />
            </Panel>
          ) : run ? (
            <OneRun run={run} atMs={live?.atMs ?? run.head.startedAtMs} isPresent={isPresent} />
          ) : loading || !live ? (
            <Panel>
              <LoadingNote />
              <Bone className="h-40 w-full" />
            </Panel>
          ) : scenario !== '' ? (
            <Steps scenario={scenario} run={null} />
          ) : (
            <Panel>
              <Empty title={m.run.emptyTitle}>{m.run.empty}</Empty>
            </Panel>
          )}
          <KeptRuns open={run?.head.id ?? ''} onOpen={open} />
        </>
      )}
    </Page>
  )
}

function OneRun({ run, atMs, isPresent }: { run: Run; atMs: number; isPresent: boolean }) {
  const m = useMessages(messages)
  const f = useFormat()
  const [url, setUrl] = useUrlState(labUrl)
  const rows = useMemo(() => timelineOf(run, atMs), [run, atMs])
  const { head, summary } = run
  const name =
    head.scenario === null
      ? m.run.byHandShort
      : ((m.scenarios as Readonly<Record<string, string>>)[head.scenario] ?? head.scenario)
  return (
    <section aria-labelledby="lab-run" className="flex min-w-0 flex-col gap-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 id="lab-run" className="text-base">
          {m.run.title}: {name}
        </h2>
        {(head.scenario !== null || summary === null) && (
          <Verdict passed={summary?.passed ?? null} running={summary === null} />
        )}
        <span className="num text-muted">{m.run.at(`${f.dateTime(head.startedAtMs)} ${f.zone}`, head.topic)}</span>
        <span className="num text-faint">
          {m.run.shape(
            f.integer(head.partitions),
            f.integer(head.replicationFactor),
            f.integer(head.minInsyncReplicas),
          )}
        </span>
        {summary !== null && <RunActions run={run} isPresent={isPresent} />}
      </div>
      <Timeline run={run} rows={rows} window={url.window} onWindow={(window) => setUrl({ window })} />
      {head.scenario !== null && <Steps scenario={head.scenario} run={run} />}
      <Availability run={run} />
      <Events run={run} />
    </section>
  )
}

/** Of a run that has ended. */
function RunActions({ run, isPresent }: { run: Run; isPresent: boolean }) {
  const m = useMessages(messages)
  const c = useMessages(common)
  const f = useFormat()
  const trpc = useTRPC()
  const client = useTRPCClient()
  const cluster = useClusterId()
  const queries = useQueryClient()
  const failure = useFailure()
  const [, setUrl] = useUrlState(labUrl)
  const [asking, setAsking] = useState(false)
  const { id, startedAtMs } = run.head
  const when = f.dateTime(startedAtMs)

  async function share() {
    const address = new URL(window.location.href)
    address.searchParams.set('run', id)
    await copyText(address.href)
    toast.success(m.run.shared)
  }
  function save() {
    const time = new Date(startedAtMs).toISOString().slice(0, 19).replaceAll(':', '')
    download(`lab_${run.head.scenario ?? 'by-hand'}_${time}.json`, 'application/json', JSON.stringify(run, null, 2))
  }
  async function remove() {
    setAsking(false)
    try {
      await client.lab.deleteRun.mutate({ cluster, id })
      toast.success(m.run.deleted)
      setUrl({ run: '' })
      await queries.invalidateQueries({ queryKey: trpc.lab.pathKey() })
    } catch (error) {
      toast.error(failure(error).message)
    }
  }

  return (
    <span className="ml-auto flex items-center gap-1">
      <IconButton label={m.run.share} icon={Link2} onClick={() => void share()} />
      <IconButton label={m.run.export} icon={Download} onClick={save} />
      {!isPresent && <IconButton label={m.run.delete} icon={Trash2} onClick={() => setAsking(true)} />}
      <Dialog
        open={asking}
        onClose={() => setAsking(false)}
        title={m.run.deleteTitle}
        footer={
          <>
            <Button onClick={() => setAsking(false)}>{c.cancel}</Button>
            <Button kind="danger" onClick={() => void remove()}>
              {m.run.delete}
            </Button>
          </>
        }
      >
        <p>{m.run.deleteAsk(when)}</p>
      </Dialog>
    </span>
  )
}
