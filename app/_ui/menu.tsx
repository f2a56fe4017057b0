'use client'
/** Menus that open from a button. */
import { Check, type LucideIcon } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import type { ReactNode } from 'react'
import { cx } from './cx.ts'
import { overlays } from './tip.tsx'

const itemClass =
  'flex h-7 cursor-pointer select-none items-center gap-2 rounded-sm px-2 text-ink outline-none data-[highlighted]:bg-hover data-[disabled]:text-faint data-[disabled]:cursor-not-allowed'

export function Menu({
  trigger,
  children,
  align = 'end',
  className,
}: {
  trigger: ReactNode
  children: ReactNode
  align?: 'start' | 'end'
  className?: string
}) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal container={overlays()}>
        <DropdownMenu.Content
          align={align}
          sideOffset={5}
          collisionPadding={8}
          className={cx(
            'z-50 max-h-[70vh] min-w-44 overflow-auto rounded-md border border-line-strong bg-raised p-1 shadow-float',
            'data-[state=open]:animate-in data-[state=open]:fade-in-0',
            className,
          )}
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

export function MenuItem({
  icon: Icon,
  onSelect,
  danger = false,
  disabled = false,
  children,
}: {
  icon?: LucideIcon
  onSelect(): void
  danger?: boolean
  disabled?: boolean
  children: ReactNode
}) {
  return (
    <DropdownMenu.Item className={cx(itemClass, danger && 'text-bad')} onSelect={onSelect} disabled={disabled}>
      {Icon && <Icon size={14} aria-hidden className={danger ? '' : 'text-muted'} />}
      {children}
    </DropdownMenu.Item>
  )
}

/** One of several; the chosen one is ticked. */
export function MenuChoices<T extends string>({
  value,
  options,
  onChange,
}: {
  value: T
  options: readonly { value: T; label: ReactNode; lang?: string }[]
  onChange(value: T): void
}) {
  return (
    <DropdownMenu.RadioGroup value={value} onValueChange={(v) => onChange(v as T)}>
      {options.map((option) => (
        <DropdownMenu.RadioItem key={option.value} value={option.value} className={itemClass} lang={option.lang}>
          <span className="w-3.5">
            <DropdownMenu.ItemIndicator>
              <Check size={14} aria-hidden />
            </DropdownMenu.ItemIndicator>
          </span>
          {option.label}
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  )
}

export function MenuCheck({
  checked,
  onChange,
  disabled = false,
  children,
}: {
  checked: boolean
  onChange(checked: boolean): void
  disabled?: boolean
  children: ReactNode
}) {
  return (
    <DropdownMenu.CheckboxItem
      checked={checked}
      onCheckedChange={onChange}
      disabled={disabled}
      onSelect={(event) => event.preventDefault()}
      className={itemClass}
    >
      <span className="w-3.5">
        <DropdownMenu.ItemIndicator>
          <Check size={14} aria-hidden />
        </DropdownMenu.ItemIndicator>
      </span>
      {children}
    </DropdownMenu.CheckboxItem>
  )
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <DropdownMenu.Label className="px-2 pt-1.5 pb-1 text-faint text-xs">{children}</DropdownMenu.Label>
}

export function MenuLine() {
  return <DropdownMenu.Separator className="mx-1 my-1 h-px bg-line" />
}
