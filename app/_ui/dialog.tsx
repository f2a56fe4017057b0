'use client'
/** Dialogs in the middle and sheets at the side. Esc and a click beside close them; the focus returns to where it was. */
import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import { type ReactNode, useRef } from 'react'
import { IconButton } from './button.tsx'
import { messages } from './common.ts'
import { cx } from './cx.ts'
import { useMessages } from './use-messages.ts'

interface Props {
  open: boolean
  onClose(): void
  title: ReactNode
  /** Beside the close button. */
  actions?: ReactNode
  /** Below, fixed: the buttons. */
  footer?: ReactNode
  children: ReactNode
  className?: string
  onKeyDown?: (event: React.KeyboardEvent) => void
}

const overlay = 'fixed inset-0 z-40 bg-black/35 data-[state=open]:animate-in data-[state=open]:fade-in-0'

export function Dialog({ className, ...props }: Props) {
  return (
    <Surface
      {...props}
      overlayClass={overlay}
      className={cx(
        'fixed top-[8vh] left-1/2 z-40 flex max-h-[84vh] w-[560px] max-w-[94vw] -translate-x-1/2 flex-col rounded-lg border border-line-strong bg-raised shadow-float',
        'data-[state=open]:animate-in data-[state=open]:fade-in-0 data-[state=open]:zoom-in-[0.985]',
        className,
      )}
    />
  )
}

/** At the side, over the page that stays readable and usable with `modal={false}`. */
export function Sheet({ className, modal = true, ...props }: Props & { modal?: boolean }) {
  return (
    <Surface
      {...props}
      modal={modal}
      overlayClass={modal ? overlay : undefined}
      className={cx(
        'fixed inset-y-0 right-0 z-40 flex w-[620px] max-w-full flex-col border-line-strong border-l bg-raised shadow-float',
        'data-[state=open]:animate-in data-[state=open]:slide-in-from-right-6 data-[state=open]:fade-in-0',
        className,
      )}
    />
  )
}

function Surface({
  open,
  onClose,
  title,
  actions,
  footer,
  children,
  className,
  overlayClass,
  modal = true,
  onKeyDown,
}: Props & { overlayClass: string | undefined; modal?: boolean }) {
  const m = useMessages(messages)
  const cameFrom = useRef<Element | null>(null)
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()} modal={modal}>
      <Radix.Portal>
        {overlayClass && <Radix.Overlay className={overlayClass} />}
        <Radix.Content
          className={cx('outline-none', className)}
          aria-describedby={undefined}
          onKeyDown={onKeyDown}
          onOpenAutoFocus={(event) => {
            // Only where nothing in it asked for the focus: the whole, not the first of its buttons.
            event.preventDefault()
            cameFrom.current = document.activeElement
            ;(event.target as HTMLElement).focus()
          }}
          onCloseAutoFocus={(event) => {
            // Radix knows the way back to its own triggers only, and there is none; where the focus has gone on by itself, it stays.
            event.preventDefault()
            const from = cameFrom.current
            const lost = document.activeElement === null || document.activeElement === document.body
            if (lost && from instanceof HTMLElement && from.isConnected) from.focus()
          }}
          onInteractOutside={(event) => {
            // A toast's link is not "beside", and beside a sheet that is not modal the page goes on.
            if (!modal || (event.target as Element | null)?.closest('[data-sonner-toaster]')) event.preventDefault()
          }}
        >
          <div className="flex min-h-11 shrink-0 items-center gap-2 border-b py-1.5 pr-2 pl-4">
            <Radix.Title className="min-w-0 flex-1 truncate font-semibold text-base">{title}</Radix.Title>
            {actions}
            <Radix.Close asChild>
              <IconButton label={m.close} icon={X} tip={false} />
            </Radix.Close>
          </div>
          {/* What scrolls must be reachable by keyboard. */}
          <section
            // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled with the arrow keys
            tabIndex={0}
            className="min-h-0 flex-1 overflow-auto p-4"
            aria-label={typeof title === 'string' ? title : undefined}
          >
            {children}
          </section>
          {footer && (
            <div className="flex shrink-0 flex-wrap items-center justify-end gap-2 border-t px-4 py-2.5">{footer}</div>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
