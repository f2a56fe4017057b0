'use client'
/** The parts of a page: its head, its tabs, panels with a heading, figures in a strip. */
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { type ReactNode, useId } from 'react'
import { cx } from './cx.ts'

/** Fills the content area; with `fill`, the page does not scroll but its table does. */
export function Page({
  fill = false,
  className,
  children,
}: {
  fill?: boolean
  className?: string
  children: ReactNode
}) {
  return (
    <div
      className={cx('flex min-w-0 flex-col gap-3 px-3 py-3 sm:px-5 sm:py-4', fill && 'min-h-full sm:h-full', className)}
    >
      {children}
    </div>
  )
}

export function PageHead({
  title,
  mono = false,
  aside,
  actions,
}: {
  title: ReactNode
  mono?: boolean
  /** Small facts beside the title. */
  aside?: ReactNode
  actions?: ReactNode
}) {
  return (
    <div className="flex min-h-8 flex-wrap items-center gap-x-3 gap-y-2">
      <h1 className={cx('min-w-0 break-all text-xl', mono && 'font-mono text-[18px] tracking-tight')}>{title}</h1>
      {aside && <div className="flex flex-wrap items-center gap-2 text-muted">{aside}</div>}
      {actions && <div className="ml-auto flex flex-wrap items-center gap-2">{actions}</div>}
    </div>
  )
}

/** Tabs that are pages: each has an address of its own. */
export function Tabs({
  label,
  tabs,
}: {
  label: string
  tabs: readonly { href: string; label: string; count?: string }[]
}) {
  const pathname = usePathname()
  return (
    <nav aria-label={label} className="-mx-1 flex gap-1 overflow-x-auto border-b px-1">
      {tabs.map((tab) => {
        const current = pathname === tab.href
        return (
          <Link
            key={tab.href}
            href={tab.href}
            aria-current={current ? 'page' : undefined}
            className={cx(
              '-mb-px flex h-8 items-center gap-1.5 whitespace-nowrap border-b-2 px-2 font-medium',
              current ? 'border-accent text-ink' : 'border-transparent text-muted hover:text-ink',
            )}
          >
            {tab.label}
            {tab.count !== undefined && <span className="num text-faint">{tab.count}</span>}
          </Link>
        )
      })}
    </nav>
  )
}

export function Panel({
  title,
  actions,
  children,
  className,
  flush = false,
}: {
  title?: ReactNode
  actions?: ReactNode
  children: ReactNode
  className?: string
  /** Without padding: for tables. */
  flush?: boolean
}) {
  const id = useId()
  return (
    <section
      aria-labelledby={title ? id : undefined}
      className={cx('flex min-w-0 flex-col rounded-lg border bg-surface', className)}
    >
      {title && (
        <header className="flex min-h-10 shrink-0 flex-wrap items-center gap-2 border-b px-3.5 py-1.5">
          <h2 id={id} className="text-sm">
            {title}
          </h2>
          {actions && <div className="ml-auto flex items-center gap-1.5">{actions}</div>}
        </header>
      )}
      <div className={cx('min-h-0 min-w-0 flex-1', !flush && 'p-3.5')}>{children}</div>
    </section>
  )
}

/** Figures side by side, each with its word. */
export function Figures({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <dl
      className={cx(
        'grid grid-cols-2 overflow-hidden rounded-lg border bg-surface sm:grid-cols-[repeat(auto-fit,minmax(128px,1fr))]',
        className,
      )}
    >
      {children}
    </dl>
  )
}

export function Figure({
  label,
  value,
  unit,
  note,
  children,
}: {
  label: string
  value: ReactNode
  unit?: string
  note?: ReactNode
  /** A sparkline. */
  children?: ReactNode
}) {
  return (
    <div className="-mr-px -mb-px flex min-w-0 flex-col border-r border-b px-3.5 py-2.5">
      <dt className="truncate text-faint text-xs">{label}</dt>
      <dd className="flex min-w-0 flex-1 flex-col">
        <span className="num truncate text-[17px] leading-6">
          {value}
          {unit && <span className="ml-1 text-muted text-xs">{unit}</span>}
        </span>
        <span className="min-h-4 truncate text-muted text-xs">{note}</span>
        {children}
      </dd>
    </div>
  )
}

/** A list of facts: word left, value right of it. */
export function Facts({ rows }: { rows: readonly { label: string; value: ReactNode; mono?: boolean }[] }) {
  return (
    <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-5 gap-y-1.5">
      {rows.map((row) => (
        <div key={row.label} className="contents">
          <dt className="text-faint">{row.label}</dt>
          <dd className={cx('min-w-0 break-words', row.mono !== false && 'num')}>{row.value}</dd>
        </div>
      ))}
    </dl>
  )
}
