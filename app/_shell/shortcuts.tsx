'use client'
/** The list of keys. */
import { Dialog } from '../_ui/dialog.tsx'
import { useMessages } from '../_ui/use-messages.ts'
import { messages } from './messages.ts'
import { nav } from './nav.ts'

export function Shortcuts({ open, onClose }: { open: boolean; onClose(): void }) {
  const m = useMessages(messages)
  const s = m.shortcuts
  const groups: { title: string; rows: [keys: string, what: string][] }[] = [
    {
      title: s.everywhere,
      rows: [
        ['⌘ K · Ctrl K', s.palette],
        ['/', s.search],
        ['?', s.help],
        ...nav.flatMap((page): [string, string][] => (page.key ? [[`g ${page.key}`, m.nav[page.name]]] : [])),
      ],
    },
    {
      title: s.tables,
      rows: [
        ['Enter', s.sort],
        ['Shift ← →', s.width],
      ],
    },
    {
      title: s.records,
      rows: [
        ['↓ ↑', s.nextRecord],
        ['Esc', s.closeRecord],
        ['Space', s.pause],
      ],
    },
  ]
  return (
    <Dialog open={open} onClose={onClose} title={s.title} className="w-[440px]">
      <div className="flex flex-col gap-4">
        {groups.map((group) => (
          <section key={group.title}>
            <h3 className="mb-1 text-faint text-xs">{group.title}</h3>
            <dl>
              {group.rows.map(([keys, what]) => (
                <div key={keys} className="flex h-7 items-center justify-between border-b last:border-b-0">
                  <dt>{what}</dt>
                  <dd>
                    <kbd className="rounded-sm border border-line-strong bg-sunken px-1.5 py-0.5">{keys}</kbd>
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  )
}
