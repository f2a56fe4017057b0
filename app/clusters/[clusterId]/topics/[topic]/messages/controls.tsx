'use client'
/** What to read: from where, which partitions, which text. */
import { SlidersHorizontal } from 'lucide-react'
import { useCallback, useEffect, useState } from 'react'
import { Button, IconButton } from '../../../../../_ui/button.tsx'
import { FilterChip, Segments } from '../../../../../_ui/chips.tsx'
import { TextInput } from '../../../../../_ui/field.tsx'
import { Menu, MenuCheck, MenuChoices, MenuItem, MenuLabel, MenuLine } from '../../../../../_ui/menu.tsx'
import { SearchBox } from '../../../../../_ui/search-box.tsx'
import { useFormat } from '../../../../../_ui/use-format.ts'
import { useMessages } from '../../../../../_ui/use-messages.ts'
import { formatPartitions, parsePartitions } from '../_actions/partition-list.ts'
import { fromChoices, limits, places, type View } from './view.ts'
import { words } from './words.ts'

export function Controls({ url, setUrl, partitions }: Pick<View, 'url' | 'setUrl'> & { partitions: number }) {
  const m = useMessages(words)
  const f = useFormat()
  const search = useCallback((q: string) => setUrl({ q }), [setUrl])
  return (
    <>
      <Segments
        label={m.from}
        value={url.from}
        onChange={(from) => setUrl({ from, open: '' })}
        options={fromChoices.map((value) => ({ value, label: m.fromChoices[value] }))}
      />
      {url.from === 'offset' && (
        <Late
          label={m.offset}
          value={String(url.offset)}
          valid={(text) => /^\d{1,15}$/.test(text.trim())}
          onChange={(text) => setUrl({ offset: Number(text) })}
          className="w-32"
        />
      )}
      {url.from === 'time' && (
        <Late
          label={m.time}
          value={url.time}
          placeholder={m.timeExample}
          hint={m.timeError}
          valid={(text) => f.parseDateTime(text) !== undefined}
          onChange={(time) => setUrl({ time })}
          className="w-56"
        />
      )}
      <Partitions url={url} setUrl={setUrl} count={partitions} />
      <SearchBox value={url.q} onChange={search} label={m.filter} className="w-60" />
      <Menu trigger={<IconButton label={m.options} icon={SlidersHorizontal} tip={false} />} align="start">
        <MenuLabel>{m.filterIn}</MenuLabel>
        {places.map((place) => {
          const chosen = url.in.length === 0 ? [...places] : url.in
          return (
            <MenuCheck
              key={place}
              checked={chosen.includes(place)}
              onChange={(on) => {
                const next = on ? [...chosen, place] : chosen.filter((p) => p !== place)
                if (next.length > 0) setUrl({ in: next.length === places.length ? [] : next })
              }}
            >
              {m.in[place]}
            </MenuCheck>
          )
        })}
        <MenuCheck checked={url.case} onChange={(on) => setUrl({ case: on })}>
          {m.caseSensitive}
        </MenuCheck>
        <MenuLine />
        <MenuLabel>{m.limit}</MenuLabel>
        <MenuChoices
          value={String(url.limit)}
          onChange={(limit) => setUrl({ limit: Number(limit) })}
          options={limits.map((n) => ({ value: String(n), label: <span className="num">{n}</span> }))}
        />
        <MenuLine />
        <MenuCheck checked={url.committed} onChange={(committed) => setUrl({ committed })}>
          {m.committed}
        </MenuCheck>
      </Menu>
      {url.in.length > 0 && url.q !== '' && (
        <FilterChip
          name={m.filterIn}
          value={places
            .filter((p) => url.in.includes(p))
            .map((p) => m.in[p])
            .join(', ')}
          onRemove={() => setUrl({ in: [] })}
        />
      )}
      {url.committed && <FilterChip name={m.committed} value="" onRemove={() => setUrl({ committed: false })} />}
    </>
  )
}

const listed = 64

function Partitions({ url, setUrl, count }: Pick<View, 'url' | 'setUrl'> & { count: number }) {
  const m = useMessages(words)
  const chosen = url.p === '' ? [] : (parsePartitions(url.p, Math.max(count, 1)) ?? [])
  const label =
    chosen.length === 0
      ? m.allPartitions
      : chosen.length === 1
        ? m.onePartition(String(chosen[0]))
        : m.somePartitions(formatPartitions(chosen))
  return (
    <Menu align="start" trigger={<Button className="max-w-48 truncate">{label}</Button>} className="num">
      <MenuItem onSelect={() => setUrl({ p: '' })}>{m.allPartitions}</MenuItem>
      <MenuLine />
      {Array.from({ length: Math.min(count, listed) }, (_, p) => (
        <MenuCheck
          key={`partition ${p + 1}`}
          checked={chosen.includes(p)}
          onChange={(on) => setUrl({ p: formatPartitions(on ? [...chosen, p] : chosen.filter((c) => c !== p)) })}
        >
          {p}
        </MenuCheck>
      ))}
      {count > listed && (
        <div className="p-2">
          <Late
            label={m.partitions}
            value={url.p}
            placeholder="0, 70-80"
            valid={(text) => text === '' || parsePartitions(text, count) !== null}
            onChange={(p) => setUrl({ p })}
            className="w-full"
          />
        </div>
      )}
    </Menu>
  )
}

/** A field that takes effect on Enter or when it is left, if what is typed can be read. */
function Late({
  label,
  value,
  valid,
  onChange,
  placeholder,
  hint,
  className,
}: {
  label: string
  value: string
  valid(text: string): boolean
  onChange(text: string): void
  placeholder?: string
  hint?: string
  className: string
}) {
  const [typed, setTyped] = useState(value)
  useEffect(() => setTyped(value), [value])
  const wrong = typed !== '' && !valid(typed)
  const take = () => {
    if (typed !== value && valid(typed)) onChange(typed.trim())
  }
  return (
    <TextInput
      mono
      aria-label={label}
      title={wrong ? hint : label}
      aria-invalid={wrong || undefined}
      placeholder={placeholder ?? label}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={take}
      onKeyDown={(event) => {
        event.stopPropagation()
        if (event.key === 'Enter') take()
      }}
      className={className}
    />
  )
}
