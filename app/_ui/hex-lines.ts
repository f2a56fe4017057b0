/** Bytes as text, sixteen a line. */

const lineBytes = 16

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
