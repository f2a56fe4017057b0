/** A key or value as it is typed: what rule of its encoding it breaks, and how many bytes it comes to. */
import { parseJsonSource } from '../../../../../_ui/json-source.ts'

export const encodings = ['text', 'json', 'base64', 'hex'] as const
export type Encoding = (typeof encodings)[number]

export interface Draft {
  readonly encoding: Encoding
  readonly data: string
}

export function faultOf({ encoding, data }: Draft): 'badJson' | 'badBase64' | 'badHex' | null {
  if (encoding === 'json') return parseJsonSource(data) ? null : 'badJson'
  const tight = data.replaceAll(/\s/g, '')
  if (encoding === 'base64') return tight.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(tight) ? null : 'badBase64'
  if (encoding === 'hex') return tight.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(tight) ? null : 'badHex'
  return null
}

/** As it is sent: spaces and line breaks within base64 and hex are only for the eye. */
export function sent({ encoding, data }: Draft): Draft {
  return encoding === 'base64' || encoding === 'hex'
    ? { encoding, data: data.replaceAll(/\s/g, '') }
    : { encoding, data }
}
