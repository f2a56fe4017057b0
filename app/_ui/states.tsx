'use client'
/** The states of a table or a chart that has nothing to show: empty, loading, failed. Huge is the table's own business. */
import { CircleAlert, RotateCw } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { messages } from './common.ts'
import { Code } from './copy.tsx'
import { cx } from './cx.ts'
import { useFailure } from './problem.ts'
import { useMessages } from './use-messages.ts'

/** Why there is nothing, and the one command or button that changes it. */
export function Empty({
  title,
  children,
  command,
  action,
  as: Title = 'p',
  className,
}: {
  title: string
  /** `h1` where it is all there is on the page. */
  as?: 'p' | 'h1'
  children?: ReactNode
  command?: string
  action?: ReactNode
  className?: string
}) {
  return (
    <div className={cx('flex flex-col items-center justify-center gap-2 px-4 py-10 text-center', className)}>
      <Title className="font-semibold text-base">{title}</Title>
      {children && <div className="prose-width text-muted">{children}</div>}
      {command && <Code className="mt-1 w-full max-w-[640px] text-left">{command}</Code>}
      {action && <div className="mt-1 flex max-w-full flex-wrap justify-center gap-2">{action}</div>}
    </div>
  )
}

/** What failed, why, what to do, and another attempt. */
export function ErrorState({
  error,
  onRetry,
  busy = false,
  title,
  className,
}: {
  error: unknown
  onRetry?: () => void
  busy?: boolean
  title?: string
  className?: string
}) {
  const m = useMessages(messages)
  const failure = useFailure()(error)
  return (
    <div
      role="alert"
      className={cx('flex flex-col items-center justify-center gap-1.5 px-4 py-10 text-center', className)}
    >
      <CircleAlert size={20} className="text-bad" aria-hidden />
      <p className="font-semibold text-base">{title ?? m.error.title}</p>
      <p className="prose-width text-ink">{failure.message}</p>
      {failure.detail && (
        <p lang="en" className="prose-width break-words text-muted">
          {failure.detail}
        </p>
      )}
      {failure.hint && <p className="prose-width text-muted">{failure.hint}</p>}
      {failure.code && <p className="num text-faint">{failure.code}</p>}
      {onRetry && (
        <Button icon={RotateCw} onClick={onRetry} busy={busy} className="mt-2">
          {m.retry}
        </Button>
      )}
    </div>
  )
}

/** A grey bar where a text will be. */
export function Bone({ className }: { className?: string }) {
  return <span aria-hidden className={cx('inline-block h-3 animate-pulse rounded-sm bg-line', className)} />
}

/** Tells screen readers, once, that something is being loaded. */
export function LoadingNote() {
  const m = useMessages(messages)
  return (
    <span role="status" className="sr-only">
      {m.loading}
    </span>
  )
}
