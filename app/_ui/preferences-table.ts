/** The preferences, their values and their cookies. Used by the server's layout and in the browser. */

export const locales = { en: 'English', zh: '简体中文' } as const
export type Locale = keyof typeof locales

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

export interface Preferences {
  locale: Locale
  theme: Theme
  /** 'local' (the browser's), 'UTC' or a name of the IANA database. */
  timeZone: string
}

export const cookieNames: Record<keyof Preferences, string> = {
  locale: 'weir-lang',
  theme: 'weir-theme',
  timeZone: 'weir-tz',
}

const yearSeconds = 365 * 24 * 3600

export function cookieOf(name: keyof Preferences, value: string): string {
  return `${cookieNames[name]}=${encodeURIComponent(value)}; path=/; max-age=${yearSeconds}; samesite=lax`
}

export function isLocale(value: unknown): value is Locale {
  return typeof value === 'string' && Object.hasOwn(locales, value)
}

/** Cookies first, then what the browser asks for (Accept-Language), then English. */
export function readPreferences(cookie: (name: string) => string | undefined, acceptLanguage: string): Preferences {
  const locale = cookie(cookieNames.locale)
  const theme = themes.find((t) => t === cookie(cookieNames.theme))
  const timeZone = cookie(cookieNames.timeZone)
  return {
    locale: isLocale(locale) ? locale : preferredLocale(acceptLanguage),
    theme: theme ?? 'system',
    timeZone: timeZone && isTimeZone(timeZone) ? timeZone : 'local',
  }
}

/** The first language of an Accept-Language header that we speak; the order stands for the quality. */
export function preferredLocale(acceptLanguage: string): Locale {
  for (const part of acceptLanguage.split(',')) {
    const base = part.trim().slice(0, 2).toLowerCase()
    if (isLocale(base)) return base
  }
  return 'en'
}

export function isTimeZone(name: string): boolean {
  if (name === 'local') return true
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
