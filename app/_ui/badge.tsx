/** A state in a word, with colour and a mark beside it: never colour alone. */
import type { ReactNode } from 'react'
import { cx } from './cx.ts'

export type Tone = 'neutral' | 'ok' | 'warn' | 'bad' | 'accent'

const tones: Record<Tone, string> = {
  neutral: 'bg-sunken text-muted',
  ok: 'bg-ok-soft text-ok',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
  accent: 'bg-accent-soft text-accent',
}

const marks: Partial<Record<Tone, string>> = { ok: '●', warn: '▲', bad: '■' }

export function Badge({
  tone = 'neutral',
  children,
  className,
}: {
  tone?: Tone
  children: ReactNode
  className?: string
}) {
  const mark = marks[tone]
  return (
    <span
      className={cx(
        'inline-flex h-[19px] items-center gap-1 whitespace-nowrap rounded-sm px-1.5 text-xs font-medium',
        tones[tone],
        className,
      )}
    >
      {mark && (
        <span aria-hidden className="text-[8px] leading-none">
          {mark}
        </span>
      )}
      {children}
    </span>
  )
}
