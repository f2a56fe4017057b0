'use client'
/**
 * Every change ends here: the plan is made when the dialog opens, shown as a difference with who is affected and whether it
 * can be undone, and applied by one button; destructive ones want the name typed. If things have moved since, the new plan is
 * shown instead. Several plans (a bulk action) are applied one after the other, and what failed is said by name.
 */
import { useQueryClient } from '@tanstack/react-query'
import { CircleCheck, Info, OctagonAlert, RotateCcw, RotateCw, TriangleAlert } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react'
import { toast } from 'sonner'
import type { Applied, Note, Plan } from '../../server/console/shapes/plan.ts'
import { Badge } from './badge.tsx'
import { Button } from './button.tsx'
import { useClusterId } from './cluster.tsx'
import { messages } from './common.ts'
import { CopyButton } from './copy.tsx'
import { cx } from './cx.ts'
import { Dialog } from './dialog.tsx'
import { Field, TextInput } from './field.tsx'
import { formatInteger } from './format.ts'
import { useNoteText } from './notes.ts'
import { paths } from './paths.ts'
import { PlanDiff } from './plan-diff.tsx'
import { problemIn, useFailure } from './problem.ts'
import { Bone, ErrorState, LoadingNote } from './states.tsx'
import { useMessages } from './use-messages.ts'

export interface PlanRequest<A, P extends Plan<A> = Plan<A>> {
  title: string
  /** Words of the button: "Delete". */
  verb: string
  danger?: boolean
  /** Must be typed before the button works. */
  confirm?: string
  make(): Promise<readonly P[]>
  apply(input: A): Promise<Applied>
  /** Words of the toast when all went well. */
  said: string
  /** More about the plans, above the difference. */
  detail?(plans: readonly P[]): ReactNode
  /** Instead of the difference, where a page has a better way to draw it. */
  difference?(plans: readonly P[]): ReactNode
  /** The cluster would refuse as things stand, and a note says why: the plan can be made again, not applied. */
  blocked?(plans: readonly P[]): boolean
  done?(): void
}

export function PlanDialog<A, P extends Plan<A>>({
  request,
  onClose,
}: {
  request: PlanRequest<A, P> | null
  onClose(): void
}) {
  return request && <Opened request={request} onClose={onClose} />
}

type State<P> =
  | { step: 'making' }
  | { step: 'failed'; error: unknown }
  | { step: 'ready'; plans: readonly P[]; outdated: boolean; problem: unknown }
  | { step: 'applying'; plans: readonly P[]; at: number }

function Opened<A, P extends Plan<A>>({ request, onClose }: { request: PlanRequest<A, P>; onClose(): void }) {
  const m = useMessages(messages)
  const queries = useQueryClient()
  const router = useRouter()
  const cluster = useClusterId()
  const [state, setState] = useState<State<P>>({ step: 'making' })
  const [typed, setTyped] = useState('')
  // The request is taken once: what the dialog shows does not change under the hand.
  const asked = useRef(request).current

  const make = useCallback(
    async (outdated = false) => {
      setState({ step: 'making' })
      try {
        setState({ step: 'ready', plans: await asked.make(), outdated, problem: null })
      } catch (error) {
        setState({ step: 'failed', error })
      }
    },
    [asked],
  )

  useEffect(() => void make(), [make])

  async function apply(plans: readonly P[]) {
    let auditId: string | null = null
    for (const [at, plan] of plans.entries()) {
      setState({ step: 'applying', plans, at })
      try {
        auditId = (await asked.apply(plan.apply)).auditId
      } catch (error) {
        if (at > 0) void queries.invalidateQueries()
        if (problemIn(error)?.code === 'PLAN_OUTDATED') return make(true)
        return setState({ step: 'ready', plans: plans.slice(at), outdated: false, problem: error })
      }
    }
    void queries.invalidateQueries()
    toast.success(asked.said, {
      action:
        auditId === null
          ? undefined
          : { label: m.plan.audit, onClick: () => router.push(paths.audit(cluster, auditId)) },
    })
    onClose()
    asked.done?.()
  }

  const plans = state.step === 'ready' || state.step === 'applying' ? state.plans : undefined
  const confirmed = asked.confirm === undefined || typed === asked.confirm
  const empty = plans?.every((plan) => plan.steps.length === 0) ?? false
  const blocked = (plans && asked.blocked?.(plans)) ?? false
  const ready = state.step === 'ready' && confirmed && !empty && !blocked

  return (
    <Dialog
      open
      onClose={onClose}
      title={asked.title}
      className={asked.difference ? 'w-[860px]' : 'w-[640px]'}
      footer={
        <>
          {plans && <Undo reversible={plans.every((plan) => plan.reversible)} />}
          <Button onClick={onClose}>{m.cancel}</Button>
          {blocked && (
            <Button icon={RotateCw} onClick={() => void make()}>
              {m.plan.again}
            </Button>
          )}
          <Button
            kind={asked.danger ? 'danger' : 'primary'}
            disabled={!ready}
            busy={state.step === 'applying'}
            onClick={() => plans && void apply(plans)}
          >
            {asked.verb}
            {state.step === 'applying' && state.plans.length > 1 && ` ${state.at + 1} / ${state.plans.length}`}
          </Button>
        </>
      }
    >
      {state.step === 'making' && <Making />}
      {state.step === 'failed' && <ErrorState title={m.plan.refused} error={state.error} onRetry={() => void make()} />}
      {plans && (
        <div className="flex flex-col gap-4">
          {state.step === 'ready' && state.outdated && <Callout level="warning">{m.plan.changed}</Callout>}
          {state.step === 'ready' && state.problem !== null && <Problem error={state.problem} />}
          {asked.detail?.(plans)}
          {empty ? (
            <p className="text-muted">{m.plan.nothing}</p>
          ) : (
            (asked.difference?.(plans) ?? <PlanDiff steps={plans.flatMap((plan) => plan.steps)} />)
          )}
          <Notes plans={plans} />
          {!empty && <AffectedList plans={plans} />}
          {asked.confirm !== undefined && !empty && (
            <form
              onSubmit={(event) => {
                event.preventDefault()
                if (ready) void apply(plans)
              }}
            >
              <Field
                label={
                  <span className="font-normal">
                    {m.plan.typeName} <code className="break-all font-semibold">{asked.confirm}</code>
                    <CopyButton text={asked.confirm} className="ml-1 h-5 w-5 align-middle" />
                  </span>
                }
              >
                <TextInput mono value={typed} onChange={(event) => setTyped(event.target.value)} />
              </Field>
            </form>
          )}
        </div>
      )}
    </Dialog>
  )
}

function Making() {
  return (
    <div className="flex flex-col gap-3 py-2">
      <LoadingNote />
      <Bone className="w-full" />
      <Bone className="w-4/5" />
      <Bone className="w-2/3" />
    </div>
  )
}

function Undo({ reversible }: { reversible: boolean }) {
  const m = useMessages(messages)
  return (
    <span className="mr-auto inline-flex items-center gap-1.5 text-muted">
      {reversible ? <RotateCcw size={14} aria-hidden /> : <OctagonAlert size={14} aria-hidden className="text-bad" />}
      {reversible ? m.plan.reversible : m.plan.irreversible}
    </span>
  )
}

function Problem({ error }: { error: unknown }) {
  const m = useMessages(messages)
  const failure = useFailure()(error)
  return (
    <Callout level="danger">
      <strong className="font-semibold">{m.plan.failed}.</strong> {failure.message} {failure.detail} {failure.hint}
    </Callout>
  )
}

const levels = {
  info: { icon: Info, look: 'bg-sunken text-ink' },
  warning: { icon: TriangleAlert, look: 'bg-warn-soft text-warn' },
  danger: { icon: OctagonAlert, look: 'bg-bad-soft text-bad' },
  success: { icon: CircleCheck, look: 'bg-ok-soft text-ok' },
} as const

/** A sentence that should not be overlooked. */
export function Callout({ level, children }: { level: keyof typeof levels; children: ReactNode }) {
  const { icon: Icon, look } = levels[level]
  return (
    <div role={level === 'danger' ? 'alert' : undefined} className={cx('flex gap-2 rounded-md px-3 py-2', look)}>
      <Icon size={15} aria-hidden className="mt-0.5 shrink-0" />
      <div className="min-w-0 break-words">{children}</div>
    </div>
  )
}

/** The notes of all plans, each sentence once. */
function Notes({ plans }: { plans: readonly Plan<unknown>[] }) {
  const say = useNoteText()
  const notes = new Map<string, Note>()
  for (const note of plans.flatMap((plan) => plan.notes)) notes.set(say(note), note)
  return [...notes].map(([text, note]) => (
    <Callout key={text} level={note.level}>
      {text}
    </Callout>
  ))
}

const affectedShown = 12

function AffectedList({ plans }: { plans: readonly Plan<unknown>[] }) {
  const m = useMessages(messages)
  const say = useNoteText()
  const affected = plans.flatMap((plan) => plan.affected)
  return (
    <section>
      <h3 className="mb-1 text-sm">{m.plan.affected}</h3>
      {affected.length === 0 ? (
        <p className="text-muted">{m.plan.nobody}</p>
      ) : (
        <ul className="flex flex-col gap-1">
          {affected.slice(0, affectedShown).map((one) => (
            <li key={`${one.type} ${one.name}`} className="flex flex-wrap items-center gap-2">
              <Badge>{m.plan.kinds[one.type]}</Badge>
              <span className="num break-all">{one.name || '""'}</span>
              {one.note && <span className="text-muted">{say(one.note)}</span>}
            </li>
          ))}
          {affected.length > affectedShown && (
            <li className="text-muted">{m.json.more(formatInteger(affected.length - affectedShown))}</li>
          )}
        </ul>
      )}
    </section>
  )
}
