'use client'
/** Above a table: search and filters, or the bar of actions while rows are selected; columns and export in the corner. */
import { Columns3, Download, X } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { IconButton } from '../button.tsx'
import { messages } from '../common.ts'
import { download, toCsv } from '../csv.ts'
import { formatInteger } from '../format.ts'
import { Menu, MenuCheck, MenuItem, MenuLabel, MenuLine } from '../menu.tsx'
import { useMessages } from '../use-messages.ts'
import type { Column } from './column.ts'
import type { Selection } from './data-table.tsx'

export function Toolbar<R>({
  columns,
  visible,
  onShow,
  onReset,
  selection,
  csv,
  csvRows,
  empty,
  children,
}: {
  columns: readonly Column<R>[]
  visible: readonly Column<R>[]
  onShow(column: string, shown: boolean): void
  onReset(): void
  selection: Selection | undefined
  csv: string | null
  csvRows(): Promise<readonly R[]>
  empty: boolean
  children: ReactNode
}) {
  const m = useMessages(messages)
  const [exporting, setExporting] = useState(false)
  const selected = selection ? [...selection.selected] : []

  async function exportCsv() {
    setExporting(true)
    try {
      const withValue = visible.filter((c) => c.value)
      const rows = await csvRows()
      const text = toCsv(
        withValue.map((c) => c.header),
        rows.map((row) => withValue.map((c) => c.value!(row))),
      )
      download(`${csv}_${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.csv`, 'text/csv', text)
    } finally {
      setExporting(false)
    }
  }

  return (
    <div className="flex min-h-7 flex-wrap items-center gap-2">
      {selection && selected.length > 0 ? (
        <div className="flex flex-wrap items-center gap-2">
          <IconButton label={m.table.clearSelection} icon={X} onClick={() => selection.onChange(new Set())} />
          <span className="font-medium" role="status">
            {m.table.selected(formatInteger(selected.length))}
          </span>
          {selection.actions(selected)}
        </div>
      ) : (
        children
      )}
      <div className="ml-auto flex items-center">
        <Menu trigger={<IconButton label={m.table.columns} icon={Columns3} tip={false} />}>
          <MenuLabel>{m.table.showColumns}</MenuLabel>
          {columns
            .filter((column) => !column.bare)
            .map((column) => (
              <MenuCheck
                key={column.id}
                checked={visible.includes(column)}
                disabled={column.fixed ?? false}
                onChange={(on) => onShow(column.id, on)}
              >
                {column.header}
              </MenuCheck>
            ))}
          <MenuLine />
          <MenuItem onSelect={onReset}>{m.table.resetColumns}</MenuItem>
        </Menu>
        {csv !== null && (
          <IconButton
            label={m.table.export}
            icon={Download}
            onClick={() => void exportCsv()}
            busy={exporting}
            disabled={empty}
          />
        )}
      </div>
    </div>
  )
}
