'use client'
/** Who is in the group, from where, and what each reads. */
import { useMemo } from 'react'
import { Empty } from '../../../../_ui/states.tsx'
import { Unknown } from '../../../../_ui/table/body.tsx'
import type { Column } from '../../../../_ui/table/column.ts'
import { DataTable } from '../../../../_ui/table/data-table.tsx'
import { useFormat } from '../../../../_ui/use-format.ts'
import { useMessages } from '../../../../_ui/use-messages.ts'
import { formatPartitions } from '../../topics/[topic]/_actions/partition-list.ts'
import { messages as listMessages } from '../messages.ts'
import { messages } from './messages.ts'
import type { GroupDetail, GroupMember } from './use-group.ts'
import type { GroupUrl } from './view.ts'

/** A member with the lag of what it reads. */
interface Row extends GroupMember {
  readonly lag: number | null
}

const rowKey = (row: Row) => row.memberId

export function GroupMembers({
  group,
  csv,
  url,
  setUrl,
}: {
  group: GroupDetail | undefined
  csv: string
} & GroupUrl) {
  const m = useMessages(messages).members
  const columns = useColumns(group?.type === 'consumer')
  const rows = useMemo(
    () =>
      group?.members.map((member): Row => {
        const lags = group.partitions.flatMap((p) => (p.memberId === member.memberId && p.lag !== null ? [p.lag] : []))
        return { ...member, lag: lags.length === 0 ? null : lags.reduce((a, b) => a + b, 0) }
      }),
    [group],
  )
  return (
    <DataTable
      id="group-members"
      label={m.title}
      live
      columns={columns}
      rows={rows}
      rowKey={rowKey}
      sort={{ by: url.msort, descending: url.mdesc }}
      onSort={(sort) => setUrl({ msort: sort.by, mdesc: sort.descending })}
      csv={csv}
      skeletonRows={2}
      toolbar={<h2 className="mr-1 text-sm">{m.title}</h2>}
      empty={
        <Empty title={m.emptyTitle} className="py-6">
          {m.empty}
        </Empty>
      }
    />
  )
}

const named = (assignment: Row['assignment']) =>
  assignment.map((a) => `${a.topic} ${formatPartitions(a.partitions)}`).join(' · ')
const assigned = (row: Row) => named(row.assignment)
/** What it is on its way to; empty if it is there. */
const goingTo = (row: Row) => {
  const target = row.target === null ? '' : named(row.target)
  return target === assigned(row) ? '' : target
}

/** In a group of the new protocol members have epochs and targets, and some may speak the classic one. */
function useColumns(isNew: boolean): readonly Column<Row>[] {
  const m = useMessages(messages).members
  const types = useMessages(listMessages).types
  const f = useFormat()
  return useMemo(() => {
    const h = m.columns
    const ofNew: Column<Row>[] = [
      {
        id: 'target',
        header: h.target,
        width: 200,
        sortable: false,
        value: goingTo,
        cell: (row) =>
          goingTo(row) === '' ? (
            <span className="text-faint">{m.there}</span>
          ) : (
            <span className="num" title={goingTo(row)}>
              {goingTo(row)}
            </span>
          ),
      },
      {
        id: 'epoch',
        header: h.epoch,
        width: 76,
        numeric: true,
        value: (row) => row.epoch,
        cell: (row) => (row.epoch === null ? <Unknown /> : f.integer(row.epoch)),
      },
      {
        id: 'protocol',
        header: h.protocol,
        width: 96,
        value: (row) => row.protocol,
        cell: (row) => <span className="text-muted">{types[row.protocol]}</span>,
      },
    ]
    const text = (id: 'clientId' | 'memberId' | 'host' | 'groupInstanceId', width: number): Column<Row> => ({
      id,
      header: h[id],
      width,
      value: (row) => row[id],
      cell: (row) =>
        row[id] ? (
          <span className="num" title={row[id]}>
            {row[id]}
          </span>
        ) : (
          <Unknown />
        ),
    })
    const partitions = (row: Row) => row.assignment.reduce((n, a) => n + a.partitions.length, 0)
    return [
      { ...text('clientId', 170), fixed: true },
      text('host', 120),
      {
        id: 'assignment',
        header: h.assignment,
        width: 240,
        grow: true,
        sortable: false,
        value: assigned,
        cell: (row) =>
          row.assignment.length === 0 ? (
            <span className="text-faint">{m.nothing}</span>
          ) : (
            <span className="num" title={assigned(row)}>
              {assigned(row)}
            </span>
          ),
      },
      ...(isNew ? ofNew : []),
      {
        id: 'partitions',
        header: h.partitions,
        width: 92,
        numeric: true,
        value: partitions,
        cell: (row) => f.integer(partitions(row)),
      },
      {
        id: 'lag',
        header: h.lag,
        width: 104,
        numeric: true,
        value: (row) => row.lag,
        cell: (row) => (row.lag === null ? <Unknown /> : f.integer(row.lag)),
      },
      text('memberId', 220),
      { ...text('groupInstanceId', 140), hiddenAtFirst: true },
    ]
  }, [m, types, f, isNew])
}
