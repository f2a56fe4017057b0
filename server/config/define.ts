/**
 * The form of a settings table: one row a setting, with Kafka's name as its key. The static type of a table's values
 * comes from its rows (`Values`); `parse.ts` reads and writes values by the row.
 */

export type Importance = 'high' | 'medium' | 'low'

/** What a number counts. `ms`, `seconds`, `minutes` and `hours` are durations. */
export type Unit = 'ms' | 'seconds' | 'minutes' | 'hours' | 'bytes' | 'bytes/s' | 'ratio' | 'level'

export interface Common {
  /** One or two sentences: what the setting does. */
  readonly doc: string
  readonly importance: Importance
  /**
   * Of a broker's setting: it can be changed while the broker runs, for each broker or only for all of them alike.
   * Absent means read-only. Settings of topics and groups can always be changed.
   */
  readonly dynamic?: 'per-broker' | 'cluster-wide'
  /** Of a topic's or group's setting: the broker's setting that counts where the topic or group has none. */
  readonly broker?: string
  /** Of a broker's setting: others that count if it is not set, in this order, converted by their units. */
  readonly instead?: readonly string[]
  /** Not listed among the others unless it is set. */
  readonly internal?: true
}

/** What a text must look like, and how that is said: "must be …". */
export interface Form {
  readonly pattern: RegExp
  readonly says: string
}

/** `default: null` is "not set". The bounds of numbers are inclusive; `also` are values allowed outside them. */
export type Def = Common &
  (
    | { readonly type: 'boolean'; readonly default: boolean }
    | {
        readonly type: 'int' | 'short' | 'long' | 'double'
        readonly default: number | null
        readonly min?: number
        readonly max?: number
        readonly also?: readonly number[]
        readonly unit?: Unit
      }
    | {
        readonly type: 'string'
        readonly default: string | null
        readonly oneOf?: readonly string[]
        readonly ignoreCase?: true
        readonly form?: Form
      }
    | { readonly type: 'class' | 'password'; readonly default: string | null }
    | {
        readonly type: 'list'
        readonly default: readonly string[] | null
        readonly oneOf?: readonly string[]
        /** Of the whole list as text. */
        readonly form?: Form
      }
  )

/** A row that knows its own name. */
export type Row = Def & { readonly name: string }
export type Table = { readonly [name: string]: Row }

/** Without what every object has: a stranger may ask for a setting called `constructor`. */
export const bare = <T extends object>(rows: T): T => Object.assign(Object.create(null), rows)

export const define = <const T extends Record<string, Def>>(
  rows: T,
): { readonly [K in keyof T & string]: Named<T[K], K> } =>
  bare(Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, { ...row, name }]))) as never

type Named<D, K> = D & { readonly name: K }

type NullIf<D, T> = D extends { default: null } ? T | null : T
/** The value that a row's text becomes. */
export type ValueOf<D> = D extends { type: 'boolean' }
  ? boolean
  : D extends { type: 'int' | 'short' | 'long' | 'double' }
    ? NullIf<D, number>
    : D extends { type: 'list'; oneOf: readonly (infer S)[] }
      ? NullIf<D, readonly S[]>
      : D extends { type: 'list' }
        ? NullIf<D, readonly string[]>
        : D extends { type: 'string'; oneOf: readonly (infer S)[]; ignoreCase?: undefined }
          ? NullIf<D, S>
          : NullIf<D, string>

/** The values of a whole table, by name. */
export type Values<T> = { readonly [K in keyof T]: ValueOf<T[K]> }

/** Passwords never leave the process; Kafka shows null in their place. */
export const isSensitive = (row: Def): boolean => row.type === 'password'

export const unitMs = { ms: 1, seconds: 1000, minutes: 60_000, hours: 3_600_000 } as const
