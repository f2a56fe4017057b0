'use client'
/** Where toasts appear. Say one with `toast.success(words, { action })` from sonner. */
import { Toaster } from 'sonner'
import { messages } from './common.ts'
import { usePreferences } from './preferences.tsx'
import { useMessages } from './use-messages.ts'

export function Toasts() {
  const { theme } = usePreferences()
  const m = useMessages(messages)
  return (
    <Toaster
      theme={theme}
      position="bottom-center"
      containerAriaLabel={m.toasts}
      visibleToasts={4}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            // A dialog that is open takes the pointer from everything beside it, but not from here.
            'pointer-events-auto flex w-[360px] items-start gap-2.5 rounded-md border border-line-strong bg-raised p-3 text-ink shadow-float font-sans',
          title: 'font-medium',
          description: 'text-muted',
          icon: 'mt-0.5',
          actionButton: 'ml-auto shrink-0 rounded-sm px-1.5 font-medium text-accent hover:underline',
          success: '[&_[data-icon]]:text-ok',
          error: '[&_[data-icon]]:text-bad',
          warning: '[&_[data-icon]]:text-warn',
        },
      }}
    />
  )
}
