/** The pages in the rail, in order. A page is listed from the moment it exists. `key`: pressed after `g`, goes there. */
import {
  FlaskConical,
  Gauge,
  History,
  type LucideIcon,
  Plug,
  Rows3,
  Server,
  Settings2,
  Sigma,
  Users,
} from 'lucide-react'
import { paths } from '../_ui/paths.ts'

export type NavName = 'overview' | 'topics' | 'groups' | 'brokers' | 'models' | 'lab' | 'http' | 'audit' | 'settings'

export interface NavPage {
  readonly name: NavName
  readonly icon: LucideIcon
  readonly key?: string
}

export const nav: readonly NavPage[] = [
  { name: 'overview', icon: Gauge, key: 'o' },
  { name: 'topics', icon: Rows3, key: 't' },
  { name: 'groups', icon: Users, key: 'c' },
  { name: 'brokers', icon: Server, key: 'b' },
  { name: 'models', icon: Sigma, key: 'm' },
  { name: 'lab', icon: FlaskConical, key: 'l' },
  { name: 'http', icon: Plug, key: 'h' },
  { name: 'audit', icon: History, key: 'a' },
  { name: 'settings', icon: Settings2, key: 's' },
]

export function hrefOf(page: NavPage, clusterId: string): string {
  return paths[page.name](clusterId)
}
