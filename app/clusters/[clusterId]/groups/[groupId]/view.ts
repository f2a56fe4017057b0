/** What a link to a group restores: filters and order of its tables, the topic of its chart, whether its offsets are being reset. */
import { flag, text, type useUrlState } from '../../../../_ui/url-state.ts'

export const groupUrl = {
  q: text(),
  behind: flag(),
  unread: flag(),
  sort: text('topic'),
  desc: flag(),
  msort: text('clientId'),
  mdesc: flag(),
  topic: text(),
  reset: flag(),
}

type State = ReturnType<typeof useUrlState<typeof groupUrl>>

export interface GroupUrl {
  readonly url: State[0]
  readonly setUrl: State[1]
}
