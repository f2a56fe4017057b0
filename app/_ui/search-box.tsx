'use client'
/** A search field whose text reaches the view shortly after typing pauses. `/` moves the focus to the page's first one. */
import { Search, X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { messages } from './common.ts'
import { cx } from './cx.ts'
import { useMessages } from './use-messages.ts'

const pauseMs = 180

export function SearchBox({
  value,
  onChange,
  label,
  className,
}: {
  value: string
  onChange(text: string): void
  label: string
  className?: string
}) {
  const m = useMessages(messages)
  const [typed, setTyped] = useState(value)
  const sent = useRef(value)

  // Changed from outside: a cleared filter, the back button.
  useEffect(() => {
    if (value !== sent.current) {
      sent.current = value
      setTyped(value)
    }
  }, [value])

  useEffect(() => {
    if (typed === sent.current) return
    const timer = setTimeout(() => {
      sent.current = typed
      onChange(typed)
    }, pauseMs)
    return () => clearTimeout(timer)
  }, [typed, onChange])

  return (
    <div className={cx('relative w-64 max-w-full', className)}>
      <Search size={14} className="pointer-events-none absolute top-[7px] left-2 text-faint" aria-hidden />
      <input
        type="search"
        data-page-search
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        placeholder={label}
        aria-label={label}
        autoComplete="off"
        spellCheck={false}
        className="h-7 w-full rounded-md border border-control bg-surface pr-7 pl-7 [&::-webkit-search-cancel-button]:hidden"
      />
      {typed !== '' && (
        <button
          type="button"
          aria-label={m.clear}
          onClick={() => {
            sent.current = ''
            setTyped('')
            onChange('')
          }}
          className="absolute top-1 right-1 flex size-5 items-center justify-center rounded-sm text-faint hover:text-ink"
        >
          <X size={13} aria-hidden />
        </button>
      )}
    </div>
  )
}
