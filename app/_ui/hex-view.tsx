'use client'
/** Bytes: offset, sixteen in hex, the same as ASCII. A beginning at first, the rest on demand. */
import { useState } from 'react'
import { Button } from './button.tsx'
import { messages } from './common.ts'
import { formatBytes } from './format.ts'
import { hexLines } from './hex-lines.ts'
import { useMessages } from './use-messages.ts'

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
