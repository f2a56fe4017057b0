'use client'
/** Pages of a list that the server cuts. The page stands in the address. */
import { ChevronLeft, ChevronRight } from 'lucide-react'
import { IconButton } from '../button.tsx'
import { messages } from '../common.ts'
import { formatInteger } from '../format.ts'
import { useMessages } from '../use-messages.ts'

const pageSizes = [25, 50, 100, 200, 500] as const

export function Paging({
  page,
  perPage,
  total,
  onPage,
  onPerPage,
}: {
  page: number
  perPage: number
  /** Undefined while it is not known. */
  total: number | undefined
  onPage(page: number): void
  onPerPage(perPage: number): void
}) {
  const m = useMessages(messages)
  const pages = total === undefined ? page : Math.max(1, Math.ceil(total / perPage))
  const from = total === 0 ? 0 : (page - 1) * perPage + 1
  return (
    <>
      <span className="num" role="status">
        {total === undefined
          ? ''
          : m.table.range(formatInteger(from), formatInteger(Math.min(total, page * perPage)), formatInteger(total))}
      </span>
      <div className="ml-auto flex items-center gap-1">
        <select
          aria-label={m.table.rowsPerPage}
          value={perPage}
          onChange={(event) => onPerPage(Number(event.target.value))}
          className="num h-7 rounded-md border border-line-strong bg-surface px-1"
        >
          {[...new Set([...pageSizes, perPage])]
            .sort((a, b) => a - b)
            .map((n) => (
              <option key={n} value={n}>
                {n}
              </option>
            ))}
        </select>
        <IconButton label={m.previous} icon={ChevronLeft} disabled={page <= 1} onClick={() => onPage(page - 1)} />
        <span className="num whitespace-nowrap">
          {page} / {formatInteger(pages)}
        </span>
        <IconButton label={m.next} icon={ChevronRight} disabled={page >= pages} onClick={() => onPage(page + 1)} />
      </div>
    </>
  )
}
