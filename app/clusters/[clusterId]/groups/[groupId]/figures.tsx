'use client'
/** What the group comes to: lag and where it goes, members, topics, partitions nobody reads. */
import { Figure, Figures } from '../../../../_ui/page.tsx'
import { Bone } from '../../../../_ui/states.tsx'
import { useFormat } from '../../../../_ui/use-format.ts'
import { useMessages } from '../../../../_ui/use-messages.ts'
import { TrendMark } from '../lag-trend.tsx'
import type { Slope } from '../trend.ts'
import { messages } from './messages.ts'
import type { GroupDetail } from './use-group.ts'

export function GroupFigures({ group, slope }: { group: GroupDetail | undefined; slope: Slope | undefined }) {
  const m = useMessages(messages).figures
  const f = useFormat()
  const bone = <Bone className="w-10" />
  const epochs = ({ epoch, assignmentEpoch }: GroupDetail) => {
    if (epoch === null || assignmentEpoch === null) return undefined
    const [now, assigned] = [f.integer(epoch), f.integer(assignmentEpoch)]
    return epoch === assignmentEpoch ? m.epoch(now) : m.assigning(now, assigned)
  }
  const unread = group?.partitions.filter((p) => p.memberId === null).length ?? 0
  return (
    <Figures>
      <Figure
        label={m.lag}
        value={group === undefined ? bone : group.lag === null ? '–' : f.integer(group.lag)}
        note={group && (group.lag === null ? m.notCommitted : <Going slope={slope} />)}
      />
      <Figure label={m.members} value={group ? f.integer(group.members.length) : bone} />
      <Figure label={m.topics} value={group ? f.integer(new Set(group.partitions.map((p) => p.topic)).size) : bone} />
      <Figure
        label={m.partitions}
        value={group ? f.integer(group.partitions.length) : bone}
        note={
          group &&
          group.members.length > 0 &&
          (unread > 0 ? <span className="text-warn">▲ {m.unread(f.integer(unread))}</span> : m.allRead)
        }
      />
      <Figure
        label={m.protocol}
        value={group ? <span title={group.protocol}>{group.protocol || '–'}</span> : bone}
        note={group && epochs(group)}
      />
      <Figure
        label={m.coordinator}
        value={group ? (group.coordinator === null ? '–' : m.broker(String(group.coordinator))) : bone}
      />
    </Figures>
  )
}

function Going({ slope }: { slope: Slope | undefined }) {
  const m = useMessages(messages).figures
  const f = useFormat()
  if (!slope) return null
  const rate = `${slope.perSecond > 0 ? '+' : '−'}${f.number(Math.abs(slope.perSecond), 1)}`
  return (
    <span className="inline-flex items-center gap-1.5">
      <TrendMark trend={slope.trend} />
      {slope.trend !== 'steady' && <span className="num">{m.rate(rate)}</span>}
      {slope.caughtUpInMs !== null && <span>{m.caughtUp(f.duration(Math.round(slope.caughtUpInMs)))}</span>}
    </span>
  )
}
