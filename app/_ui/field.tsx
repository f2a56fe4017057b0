'use client'
/**
 * Form fields: label, help, error beside the field. The control gets its id and its description from the field around it.
 * `UnitInput` shows what a duration or a size comes to as it is typed.
 */
import { type ComponentProps, createContext, type ReactNode, useContext, useId } from 'react'
import { messages } from './common.ts'
import { cx } from './cx.ts'
import { formatBytes, formatDuration, formatInteger } from './format.ts'
import { useLocale } from './preferences.tsx'
import { parseUnits, type UnitKind } from './units.ts'
import { useMessages } from './use-messages.ts'

interface FieldContext {
  id: string
  describedBy: string | undefined
  invalid: boolean
}

const Context = createContext<FieldContext>({ id: '', describedBy: undefined, invalid: false })

export function Field({
  label,
  help,
  error,
  aside,
  className,
  children,
}: {
  label: ReactNode
  help?: ReactNode
  error?: string | null
  /** To the right of the label: "optional", a reset button. */
  aside?: ReactNode
  className?: string
  children: ReactNode
}) {
  const id = useId()
  const described = [help ? `${id}-help` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ')
  return (
    <div className={cx('flex min-w-0 flex-col gap-1', className)}>
      <div className="flex items-baseline gap-2">
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        {aside && <span className="ml-auto text-faint text-xs">{aside}</span>}
      </div>
      <Context.Provider value={{ id, describedBy: described || undefined, invalid: Boolean(error) }}>
        {children}
      </Context.Provider>
      <div aria-live="polite" className="empty:-mt-1">
        {error && (
          <p id={`${id}-error`} className="text-bad text-xs">
            {error}
          </p>
        )}
      </div>
      {help && (
        <div id={`${id}-help`} className="prose-width text-faint text-xs">
          {help}
        </div>
      )}
    </div>
  )
}

const control =
  'w-full min-w-0 rounded-md border border-control bg-surface px-2 text-ink disabled:opacity-60 aria-[invalid=true]:border-bad'

function useControl(id: string | undefined) {
  const field = useContext(Context)
  return {
    id: id ?? (field.id || undefined),
    'aria-describedby': field.describedBy,
    'aria-invalid': field.invalid || undefined,
  }
}

export function TextInput({ className, id, mono = false, ...rest }: ComponentProps<'input'> & { mono?: boolean }) {
  return (
    <input
      type="text"
      autoComplete="off"
      spellCheck={false}
      {...useControl(id)}
      {...rest}
      className={cx(control, 'h-7', mono && 'num', className)}
    />
  )
}

export function TextArea({ className, id, mono = true, ...rest }: ComponentProps<'textarea'> & { mono?: boolean }) {
  return (
    <textarea
      rows={5}
      spellCheck={false}
      {...useControl(id)}
      {...rest}
      className={cx(control, 'resize-y py-1.5', mono && 'num', className)}
    />
  )
}

export function Select<T extends string>({
  value,
  onChange,
  options,
  className,
  id,
  ...rest
}: {
  value: T
  onChange(value: NoInfer<T>): void
  options: readonly { value: NoInfer<T>; label: string }[]
} & Omit<ComponentProps<'select'>, 'value' | 'onChange' | 'children'>) {
  return (
    <select
      {...useControl(id)}
      {...rest}
      value={value}
      onChange={(event) => onChange(event.target.value as T)}
      className={cx(control, 'h-7 pr-1', className)}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  )
}

export function Checkbox({
  label,
  className,
  checked,
  onChange,
  disabled,
}: {
  label: ReactNode
  className?: string
  checked: boolean
  onChange(checked: boolean): void
  disabled?: boolean
}) {
  const id = useId()
  return (
    <span className={cx('inline-flex items-center gap-1.5', className)}>
      <input
        type="checkbox"
        id={id}
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
        className="size-3.5 accent-[var(--accent)]"
      />
      <label htmlFor={id}>{label}</label>
    </span>
  )
}

/** A number that may be typed with a unit. `value` is the text as typed; what it comes to stands below it. */
export function UnitInput({
  unit,
  value,
  onChange,
  ...rest
}: { unit: UnitKind; value: string; onChange(text: string): void } & Omit<
  ComponentProps<'input'>,
  'value' | 'onChange'
>) {
  const m = useMessages(messages)
  const locale = useLocale()
  const parsed = value.trim() === '' ? undefined : parseUnits(value, unit)
  return (
    <div>
      <TextInput mono inputMode="text" {...rest} value={value} onChange={(event) => onChange(event.target.value)} />
      {parsed !== undefined && (
        <div className="num pt-0.5 text-muted">{m.units.is(sayUnits(parsed, unit, locale, value))}</div>
      )}
    </div>
  )
}

/** A number in words if it was typed as one, and the number if it was typed in words. */
function sayUnits(n: number, unit: UnitKind, locale: 'en' | 'zh', typed: string): string {
  if (!/^-?\d+$/.test(typed.trim())) return formatInteger(n)
  if (n < 0) return formatInteger(n)
  return unit === 'bytes' ? formatBytes(n) : formatDuration(unit === 's' ? n * 1000 : n, locale)
}
