/** Base64 as Confluent's proxy reads it: the standard alphabet, padded, no line breaks. */

const CHARACTERS = new Uint8Array(256)
for (const c of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/') CHARACTERS[c.charCodeAt(0)] = 1

/** Undefined where it is none. `text` is ASCII. */
export function decodeBase64(text: Buffer): Buffer | undefined {
  const n = text.length
  if (n % 4 !== 0) return undefined
  let end = n
  while (end > 0 && n - end < 2 && text[end - 1] === 0x3d) end--
  for (let i = 0; i < end; i++) if (CHARACTERS[text[i]!] === 0) return undefined
  return Buffer.from(text.toString('latin1', 0, end), 'base64')
}
