'use client'
/** Bytes: offset, sixteen in hex, the same as ASCII. A beginning at first, the rest on demand. */
import { useState } from 'react'
import { Button } from './button.tsx'
import { messages } from './common.ts'
import { formatBytes } from './format.ts'
import { useMessages } from './use-messages.ts'

const lineBytes = 16
const bytesAtOnce = 4_096

export function HexView({ bytes }: { bytes: Uint8Array }) {
  const m = useMessages(messages)
  const [shown, setShown] = useState(bytesAtOnce)
  return (
    <div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled with the arrow keys */}
      <pre tabIndex={0} className="num overflow-x-auto leading-[18px]">
        {hexLines(bytes.subarray(0, shown))}
      </pre>
      {bytes.length > shown && (
        <Button className="mt-2" onClick={() => setShown(shown * 4)}>
          {m.hex.more(formatBytes(Math.min(bytes.length - shown, shown * 3)))}
        </Button>
      )}
    </div>
  )
}

/** As `hexdump -C` sets it out. */
export function hexLines(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += lineBytes) {
    const line = bytes.subarray(at, at + lineBytes)
    const hex = Array.from(line, (b, i) => (i === 8 ? ' ' : '') + b.toString(16).padStart(2, '0')).join(' ')
    const ascii = Array.from(line, (b) => (b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : '.')).join('')
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hex.padEnd(lineBytes * 3)}  ${ascii}`)
  }
  return lines.join('\n')
}

export function bytesOfBase64(text: string): Uint8Array {
  const binary = atob(text)
  return Uint8Array.from(binary, (c) => c.charCodeAt(0))
}
