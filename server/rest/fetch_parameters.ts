/** The query of a read: what is allowed, and what is meant where a parameter is absent. */
export const FETCH_PARAMETERS = {
  /** Absent: the first record there is. */
  offset: { highest: Number.MAX_SAFE_INTEGER, absent: -1 },
  /** Ms to wait for a record. */
  timeout: { highest: 60_000, absent: 1_000 },
  max_bytes: { highest: 16 * 1024 * 1024, absent: 1024 * 1024 },
} as const
