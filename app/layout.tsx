/** The document: fonts, preferences, data client, toasts. Everything on it that depends on a cluster is below `clusters/`. */
import { GeistMono } from 'geist/font/mono'
import { GeistSans } from 'geist/font/sans'
import type { Metadata, Viewport } from 'next'
import type { ReactNode } from 'react'
import { Connection } from './_ui/connection.tsx'
import { PreferencesRoot } from './_ui/preferences.tsx'
import { serverPreferences } from './_ui/title.ts'
import { Toasts } from './_ui/toasts.tsx'
import { DataClient } from './_ui/trpc.tsx'
import './globals.css'

export const metadata: Metadata = {
  title: { default: 'Weir', template: '%s · Weir' },
  icons: { icon: '/icon.svg' },
}

export const viewport: Viewport = { width: 'device-width', initialScale: 1, colorScheme: 'light dark' }

export default async function RootLayout({ children }: { children: ReactNode }) {
  return (
    <PreferencesRoot initial={await serverPreferences()} className={`${GeistSans.variable} ${GeistMono.variable}`}>
      <DataClient>
        <Connection />
        {children}
        <Toasts />
      </DataClient>
    </PreferencesRoot>
  )
}
