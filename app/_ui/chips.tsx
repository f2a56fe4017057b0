'use client'
/** Filters as chips: pressed or not, or set and removable. What is chosen belongs into the address. */
import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { messages } from './common.ts'
import { cx } from './cx.ts'
import { useMessages } from './use-messages.ts'

/** On or off. */
export function ToggleChip({
  on,
  onChange,
  children,
}: {
  on: boolean
  onChange(on: boolean): void
  children: ReactNode
}) {
  return (
    <button
      type="button"
      aria-pressed={on}
      onClick={() => onChange(!on)}
      className={cx(
        'h-7 whitespace-nowrap rounded-full border px-2.5',
        on ? 'border-accent bg-accent-soft text-accent' : 'border-line-strong bg-surface text-muted hover:text-ink',
      )}
    >
      {children}
    </button>
  )
}

/** A filter that is set, with a button that removes it. */
export function FilterChip({ name, value, onRemove }: { name: string; value: string; onRemove(): void }) {
  const m = useMessages(messages)
  return (
    <span className="inline-flex h-7 items-center gap-1 rounded-full border border-accent bg-accent-soft py-0 pr-1 pl-2.5 text-accent">
      <span>{name}</span>
      <span className="num max-w-48 truncate">{value}</span>
      <button
        type="button"
        aria-label={m.filters.remove(`${name} ${value}`)}
        onClick={onRemove}
        className="flex size-5 items-center justify-center rounded-full hover:bg-surface"
      >
        <X size={12} aria-hidden />
      </button>
    </span>
  )
}

/** One of a few, side by side. */
export function Segments<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string
  value: T
  options: readonly { value: NoInfer<T>; label: string }[]
  onChange(value: NoInfer<T>): void
}) {
  return (
    <fieldset className="inline-flex h-7 w-fit rounded-md border border-line-strong bg-surface p-px" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
          className={cx(
            'whitespace-nowrap rounded-[5px] px-2',
            option.value === value ? 'bg-accent-soft font-medium text-accent' : 'text-muted hover:text-ink',
          )}
        >
          {option.label}
        </button>
      ))}
    </fieldset>
  )
}
