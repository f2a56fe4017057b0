'use client'
/** How the rows of a timeline look, and what they say of a moment, in the reader's language. */
import { useMemo } from 'react'
import { type ProcessState, type Run, type StepState, scenarios } from '../../../../server/console/shapes/lab.ts'
import { useFormat } from '../../../_ui/use-format.ts'
import { useMessages } from '../../../_ui/use-messages.ts'
import { useFaultWords } from './fault-words.ts'
import { messages } from './messages.ts'
import { useProcessName } from './names.ts'
import { shouldText } from './step-words.ts'
import { at, type Bands, type Leadership, type Timeline } from './timeline-rows.ts'

export interface DrawnBand {
  readonly fromMs: number
  readonly toMs: number
  /** Where two may begin at the same moment. */
  readonly key?: string
  readonly background?: string
  readonly look?: string
  /** In the band, where there is room. */
  readonly text?: string
  /** Of the line along its foot. */
  readonly foot?: string
}
export interface Row {
  readonly id: string
  readonly label: string
  readonly bands: readonly DrawnBand[]
  /** Undefined: nothing is known. */
  readonly says: (ms: number) => string | undefined
}
export interface Section {
  readonly id: string
  readonly title: string | null
  readonly rows: readonly Row[]
}

const colours = 6
/** A broker's, by its node id. */
export const leaderColour = (nodeId: number): string => `var(--chart-${((Math.max(1, nodeId) - 1) % colours) + 1})`

export const leadersOf = (rows: Timeline): number[] =>
  [
    ...new Set(
      [...rows.topics.values()].flatMap((all) =>
        [...all.values()].flatMap((bands) => bands.map((b) => b.value.leader)),
      ),
    ),
  ]
    .filter((id) => id >= 0)
    .sort((a, b) => a - b)

/** Text on them is ink. */
const processLooks: Readonly<Record<ProcessState, string>> = {
  running: 'bg-ok-soft',
  starting: 'bg-accent-soft',
  paused: 'bg-warn',
  stopping: 'bg-warn-soft',
  stopped: 'bg-bad',
  restarting: 'bg-bad',
}
const stepLooks: Readonly<Record<StepState, string>> = {
  running: 'bg-accent-soft text-ink',
  passed: 'bg-ok-soft text-ink',
  failed: 'bg-bad text-surface',
  skipped: '',
}

function isrLook({ isr, replicas }: Leadership, minInsyncReplicas: number): string {
  if (isr.length < minInsyncReplicas) return 'bg-bad'
  return isr.length < replicas.length ? 'bg-warn' : 'bg-ok'
}

export function useSections(run: Run, rows: Timeline): readonly Section[] {
  const words = useMessages(messages)
  const f = useFormat()
  const nameOf = useProcessName()
  const faultWords = useFaultWords()
  return useMemo(() => {
    const m = words.timeline
    const { minInsyncReplicas } = run.head
    const steps = scenarios.find((s) => s.id === run.head.scenario)?.steps
    const row = <V>(
      id: string,
      label: string,
      bands: Bands<V>,
      draw: (value: V) => Omit<DrawnBand, 'fromMs' | 'toMs'>,
      say: (value: V) => string,
    ): Row => ({
      id,
      label,
      bands: bands.map(({ fromMs, toMs, value }) => ({ fromMs, toMs, ...draw(value) })),
      says: (ms) => {
        const value = at(bands, ms)
        return value === undefined ? undefined : say(value)
      },
    })
    const leadership = (l: Leadership) => {
      const isr = m.ofReplicas(String(l.isr.length), String(l.replicas.length))
      const epoch = String(l.leaderEpoch)
      return l.leader < 0 ? m.noLeader(epoch, isr) : m.leader(String(l.leader), epoch, isr)
    }
    const sections: Section[] = [
      {
        id: 'clients',
        title: null,
        rows: [
          ...(rows.steps.length > 0
            ? [
                row(
                  'steps',
                  m.rows.steps,
                  rows.steps,
                  ({ step, state }) => ({ key: String(step), look: stepLooks[state], text: String(step + 1) }),
                  ({ step }) => {
                    const one = steps?.[step]
                    return `${step + 1}. ${one ? shouldText(one, words.steps, f.duration) : m.step(String(step + 1))}`
                  },
                ),
              ]
            : []),
          row(
            'seconds',
            m.rows.seconds,
            rows.seconds,
            ({ good }) => ({ look: good ? 'bg-ok' : 'bg-bad' }),
            ({ good, without }) => (good ? m.good : m.bad(without.join(', '))),
          ),
          row(
            'errors',
            m.rows.errors,
            rows.errors,
            () => ({ look: 'bg-bad' }),
            ({ count, code }) => m.errors(f.integer(count), code),
          ),
        ],
      },
      {
        id: 'processes',
        title: m.sections.processes,
        rows: [...rows.processes].flatMap(([id, bands]) => {
          const faults = rows.faults.get(id)
          const state = row(
            `process ${id}`,
            nameOf(id),
            bands,
            (value) => ({ look: processLooks[value] }),
            (value) => words.processes.states[value],
          )
          if (!faults) return [state]
          return [
            state,
            row(
              `faults ${id}`,
              m.rows.faults(nameOf(id)),
              faults,
              (value) => ({ look: 'bg-warn-soft text-warn', text: faultWords(value).join(', ') }),
              (value) => faultWords(value).join(', '),
            ),
          ]
        }),
      },
      ...[...rows.topics].map(([topic, partitions]): Section => {
        const isLabs = topic === run.head.topic
        return {
          id: `partitions ${topic}`,
          title: isLabs ? m.sections.partitions : m.sections.watched(topic),
          rows: [...partitions]
            .sort(([a], [b]) => a - b)
            .map(([partition, bands]) =>
              row(
                `partition ${topic} ${partition}`,
                m.rows.partition(String(partition)),
                bands,
                (l) => ({
                  ...(l.leader < 0 ? { look: 'bg-bad' } : { background: leaderColour(l.leader), look: 'text-surface' }),
                  text: `${l.leader < 0 ? '–' : l.leader} · ${l.leaderEpoch}`,
                  foot: isrLook(l, isLabs ? minInsyncReplicas : 1),
                }),
                leadership,
              ),
            ),
        }
      }),
      {
        id: 'cluster',
        title: m.sections.cluster,
        rows: [
          row(
            'cluster',
            m.rows.cluster,
            rows.cluster,
            ({ offline, underReplicated }) => ({
              look: offline > 0 ? 'bg-bad' : underReplicated > 0 ? 'bg-warn' : 'bg-ok-soft',
            }),
            (c) => m.cluster(f.integer(c.offline), f.integer(c.underReplicated), f.integer(c.partitions)),
          ),
          row(
            'brokers',
            m.rows.brokers,
            rows.cluster,
            ({ brokers }) => ({
              look: brokers.length < run.head.brokers ? 'bg-warn text-surface' : 'bg-ok-soft',
              text: brokers.join(' '),
            }),
            ({ brokers }) => m.brokers(brokers.join(', ') || m.nothing),
          ),
        ],
      },
      {
        id: 'groups',
        title: m.sections.groups,
        rows: [...rows.groups].map(([group, bands]) =>
          row(
            `group ${group}`,
            group,
            bands,
            ({ state }) => ({
              look: state === 'Stable' ? 'bg-ok-soft' : state === 'Empty' ? '' : 'bg-warn-soft',
              text: state,
            }),
            (g) => m.group(g.state, f.integer(g.members), g.epoch === null ? null : String(g.epoch)),
          ),
        ),
      },
    ]
    return sections.filter((s) => s.rows.length > 0)
  }, [words, f, nameOf, faultWords, run.head, rows])
}
