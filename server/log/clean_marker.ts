/** What a clean stop leaves in a log dir, and the next start uses up (KIP-966). */

export const cleanMarker = (brokerEpoch: number): Buffer => Buffer.from(JSON.stringify({ version: 0, brokerEpoch }))

/** Of the broker that was stopped; -1 if it is not known. */
export function brokerEpochIn(marker: Buffer | undefined): number {
  try {
    const { brokerEpoch } = JSON.parse(marker?.toString('utf8') ?? '{}')
    return Number.isSafeInteger(brokerEpoch) ? brokerEpoch : -1
  } catch {
    return -1
  }
}
