'use client'
/** Buttons and links that look like them. An icon alone needs a `label`. */
import { LoaderCircle, type LucideIcon } from 'lucide-react'
import Link from 'next/link'
import type { ComponentProps, ReactNode } from 'react'
import { cx } from './cx.ts'
import { Tip } from './tip.tsx'

const kinds = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong border-transparent',
  plain: 'bg-surface text-ink hover:bg-hover border-line-strong',
  quiet: 'bg-transparent text-muted hover:bg-hover hover:text-ink border-transparent',
  danger: 'bg-bad-fill text-on-bad hover:opacity-90 border-transparent',
} as const

interface Look {
  kind?: keyof typeof kinds
  icon?: LucideIcon
  children?: ReactNode
}

function look(kind: keyof typeof kinds, iconOnly: boolean, className: string | undefined): string {
  return cx(
    'inline-flex h-7 shrink-0 items-center justify-center gap-1.5 whitespace-nowrap rounded-md border text-sm font-medium transition-colors',
    'disabled:opacity-50 disabled:pointer-events-none aria-disabled:opacity-50',
    iconOnly ? 'w-7' : 'px-2.5',
    kinds[kind],
    className,
  )
}

export function Button({
  kind = 'plain',
  icon: Icon,
  busy = false,
  children,
  className,
  ...rest
}: Look & { busy?: boolean } & ComponentProps<'button'>) {
  return (
    <button type="button" {...rest} disabled={rest.disabled || busy} className={look(kind, !children, className)}>
      {busy ? <LoaderCircle size={14} className="animate-spin" aria-hidden /> : Icon && <Icon size={14} aria-hidden />}
      {children}
    </button>
  )
}

export function LinkButton({
  kind = 'plain',
  icon: Icon,
  children,
  className,
  ...rest
}: Look & ComponentProps<typeof Link>) {
  return (
    <Link {...rest} className={look(kind, !children, className)}>
      {Icon && <Icon size={14} aria-hidden />}
      {children}
    </Link>
  )
}

/** An icon with a name for screen readers and a tip for the others. */
export function IconButton({
  label,
  kind = 'quiet',
  tip = true,
  ...rest
}: { label: string; icon: LucideIcon; tip?: boolean } & Omit<ComponentProps<typeof Button>, 'children' | 'icon'>) {
  const button = <Button kind={kind} aria-label={label} {...rest} />
  return tip ? <Tip text={label}>{button}</Tip> : button
}
