'use client'
/**
 * JSON as a tree that folds, drawn from its source text: nothing is rounded, merged or reordered. Long lists come a hundred at
 * a time and long texts by their beginning, so that a megabyte opens at once.
 */
import { ChevronDown, ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { messages } from './common.ts'
import { cx } from './cx.ts'
import { formatInteger } from './format.ts'
import type { JsonNode } from './json-source.ts'
import { useMessages } from './use-messages.ts'

const childrenAtOnce = 100
const textAtOnce = 2_000
const openDepth = 2

const colours = {
  string: 'text-ok',
  number: 'text-accent',
  true: 'text-warn',
  false: 'text-warn',
  null: 'text-faint',
  object: '',
  array: '',
} as const

export function JsonTree({ source, root }: { source: string; root: JsonNode }) {
  return (
    <div className="num break-words leading-[21px]">
      <Node source={source} node={root} label={null} depth={0} />
    </div>
  )
}

function Node({ source, node, label, depth }: { source: string; node: JsonNode; label: string | null; depth: number }) {
  const m = useMessages(messages)
  const children = node.children
  const [open, setOpen] = useState(depth < openDepth && (children?.length ?? 0) <= childrenAtOnce)
  const [shown, setShown] = useState(childrenAtOnce)
  const name = label !== null && (
    <span className={label.startsWith('"') ? 'text-ink' : 'text-faint'}>{unquoted(label)}: </span>
  )

  if (!children || children.length === 0) {
    return (
      <div className="pl-[18px]">
        {name}
        {children ? (
          <span className="text-faint">{node.kind === 'object' ? '{}' : '[]'}</span>
        ) : (
          <Scalar text={source.slice(node.start, node.end)} kind={node.kind} />
        )}
      </div>
    )
  }
  const Arrow = open ? ChevronDown : ChevronRight
  const size = formatInteger(children.length)
  return (
    <div>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="flex w-full items-start rounded-sm text-left hover:bg-hover"
      >
        <Arrow size={13} aria-hidden className="mt-1 mr-[5px] shrink-0 text-faint" />
        <span>
          {name}
          <span className="text-faint">
            {node.kind === 'object' ? `{ ${m.json.keys(size)} }` : `[ ${m.json.items(size)} ]`}
          </span>
        </span>
      </button>
      {open && (
        <div className="ml-[6px] border-l pl-2.5">
          {children.slice(0, shown).map((member, index) => (
            <Node
              key={index}
              source={source}
              node={member.node}
              label={member.key ?? String(index)}
              depth={depth + 1}
            />
          ))}
          {children.length > shown && (
            <button
              type="button"
              onClick={() => setShown(shown + childrenAtOnce * 5)}
              className="ml-[18px] rounded-sm text-accent hover:underline"
            >
              {m.json.more(formatInteger(children.length - shown))}
            </button>
          )}
        </div>
      )}
    </div>
  )
}

function Scalar({ text, kind }: { text: string; kind: JsonNode['kind'] }) {
  const m = useMessages(messages)
  const [shown, setShown] = useState(textAtOnce)
  return (
    <span className={cx('whitespace-pre-wrap break-all', colours[kind])}>
      {text.slice(0, shown)}
      {text.length > shown && (
        <button type="button" onClick={() => setShown(shown * 10)} className="ml-1 text-accent hover:underline">
          {m.json.moreText(formatInteger(text.length - shown))}
        </button>
      )}
    </span>
  )
}

/** A key as it reads, or as it is written where it holds escapes. */
function unquoted(label: string): string {
  return label.startsWith('"') && !label.includes('\\') ? label.slice(1, -1) : label
}
