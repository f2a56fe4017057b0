'use client'
/**
 * What a person chose about the look of the console: language, theme, time zone. Kept in cookies so that the first page the
 * server sends is already right; changed without a reload. `?lang=zh` in a link wins over the cookie and is then remembered.
 */
import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react'
import type { Locale, Preferences, Theme } from './preferences-table.ts'
import { cookieOf, isLocale } from './preferences-table.ts'

interface PreferencesContext extends Preferences {
  setLocale(locale: Locale): void
  setTheme(theme: Theme): void
  /** 'local', 'UTC' or a name of the IANA database. */
  setTimeZone(timeZone: string): void
}

const Context = createContext<PreferencesContext | undefined>(undefined)

export function usePreferences(): PreferencesContext {
  const value = useContext(Context)
  if (value === undefined) throw new Error('usePreferences is used outside <PreferencesRoot>')
  return value
}

export function useLocale(): Locale {
  return usePreferences().locale
}

/** The document itself, so that `lang` and the theme of <html> follow the preferences. */
export function PreferencesRoot({
  initial,
  className,
  children,
}: {
  initial: Preferences
  className: string
  children: ReactNode
}) {
  const [chosen, setChosen] = useState(initial)
  const pathname = usePathname()
  const router = useRouter()
  const search = useSearchParams()
  const lang = search.get('lang')
  const locale = isLocale(lang) ? lang : chosen.locale

  useEffect(() => {
    if (isLocale(lang)) {
      remember('locale', lang)
      setChosen((was) => (was.locale === lang ? was : { ...was, locale: lang }))
    }
  }, [lang])

  const set = useCallback(<K extends keyof Preferences>(name: K, value: Preferences[K]) => {
    remember(name, value)
    setChosen((was) => ({ ...was, [name]: value }))
  }, [])

  const value = useMemo<PreferencesContext>(
    () => ({
      ...chosen,
      locale,
      setTheme: (theme) => set('theme', theme),
      setTimeZone: (timeZone) => set('timeZone', timeZone),
      setLocale: (next) => {
        set('locale', next)
        // What was fetched ahead of other pages has its title in the old language.
        router.refresh()
        const params = new URLSearchParams(window.location.search)
        if (params.has('lang')) {
          params.set('lang', next)
          window.history.replaceState(null, '', `${pathname}?${params}`)
        }
      },
    }),
    [chosen, locale, set, pathname, router],
  )

  return (
    <html
      lang={locale === 'zh' ? 'zh-CN' : 'en'}
      data-theme={chosen.theme === 'system' ? undefined : chosen.theme}
      className={className}
    >
      <body>
        <Context.Provider value={value}>{children}</Context.Provider>
      </body>
    </html>
  )
}

function remember(name: keyof Preferences, value: string) {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store is not in every browser, and asynchronous
  document.cookie = cookieOf(name, value)
}
