/** The scenarios, in the order in which the page offers them. A broker's session is 9 s (`broker.session.timeout.ms`). */
import { NO_PROCESS_FAULTS, type ProcessFaults } from '../processes.ts'
import type { Scenario, Step, Who } from './scenario.ts'

/** For a session to run out, and an election. */
const SESSION_MS = 15_000
/** To come back, read its log and catch up. */
const CATCH_UP_MS = 60_000

const three = { brokers: 3, partitions: 6, replicationFactor: 3, minInsyncReplicas: 2 }

const act = (who: Who, action: Extract<Step, { do: 'act' }>['action']): Step => ({ do: 'act', who, action })
const fault = (who: Who, faults: Partial<ProcessFaults> = {}): Step => ({
  do: 'faults',
  who,
  faults: { ...NO_PROCESS_FAULTS, ...faults },
})
const hold = (ms: number): Step => ({ do: 'hold', ms })
const writes = (withinMs: number): Step => ({ do: 'await', what: 'writes', withinMs })
/** A few seconds in which nothing happens show what the others are to be compared with. */
const begin: readonly Step[] = [writes(15_000), hold(3_000)]
const end: readonly Step[] = [
  { do: 'await', what: 'inSync', withinMs: CATCH_UP_MS },
  writes(5_000),
  hold(2_000),
  { do: 'nothingLost' },
]

export const scenarios: readonly Scenario[] = [
  {
    id: 'leader-killed',
    ...three,
    steps: [
      ...begin,
      act('a', 'killAndHold'),
      // Its connections close with it, and the controller need not wait for its session.
      { do: 'await', what: 'ledByOthers', who: ['a'], withinMs: 3_000 },
      writes(3_000),
      hold(3_000),
      act('a', 'start'),
      ...end,
      { do: 'gap', atMostMs: 5_000 },
    ],
  },
  {
    id: 'paused',
    ...three,
    steps: [
      ...begin,
      act('a', 'pause'),
      { do: 'await', what: 'ledByOthers', who: ['a'], withinMs: SESSION_MS },
      writes(SESSION_MS),
      hold(3_000),
      act('a', 'resume'),
      ...end,
      { do: 'gap', atMostMs: 2 * SESSION_MS },
    ],
  },
  {
    id: 'cut-off',
    ...three,
    steps: [
      ...begin,
      fault('a', { cutOff: 'silent' }),
      { do: 'await', what: 'ledByOthers', who: ['a'], withinMs: SESSION_MS },
      writes(SESSION_MS),
      hold(3_000),
      fault('a'),
      ...end,
      { do: 'gap', atMostMs: 2 * SESSION_MS },
    ],
  },
  {
    id: 'two-down',
    ...three,
    steps: [
      ...begin,
      act('b', 'killAndHold'),
      { do: 'await', what: 'ledByOthers', who: ['b'], withinMs: 3_000 },
      writes(5_000),
      act('c', 'killAndHold'),
      // One replica is left, and two are asked for.
      { do: 'await', what: 'refused', withinMs: 20_000 },
      hold(2_000),
      act('b', 'start'),
      writes(CATCH_UP_MS),
      act('c', 'start'),
      ...end,
    ],
  },
  {
    id: 'disk-full',
    ...three,
    steps: [
      ...begin,
      fault('a', { fullDisk: true }),
      { do: 'await', what: 'outOfSync', who: ['a'], withinMs: 3_000 },
      { do: 'await', what: 'ledByOthers', who: ['a'], withinMs: 3_000 },
      writes(3_000),
      hold(8_000),
      { do: 'await', what: 'running', who: ['a'], withinMs: 1_000 },
      fault('a'),
      ...end,
      { do: 'gap', atMostMs: 5_000 },
    ],
  },
  {
    id: 'rolling-restart',
    ...three,
    steps: [
      ...begin,
      ...(['a', 'b', 'c'] as const).flatMap((who): Step[] => [
        act(who, 'restart'),
        { do: 'await', what: 'inSync', withinMs: CATCH_UP_MS },
        writes(5_000),
      ]),
      { do: 'nothingLost' },
      { do: 'gap', atMostMs: 5_000 },
    ],
  },
  {
    id: 'controller-killed',
    ...three,
    steps: [
      ...begin,
      act('controller', 'killAndHold'),
      // Who leads what is known: nobody needs the controller to write.
      writes(3_000),
      hold(5_000),
      writes(3_000),
      act('controller', 'start'),
      { do: 'await', what: 'running', who: ['controller'], withinMs: CATCH_UP_MS },
      ...end,
      { do: 'gap', atMostMs: 5_000 },
    ],
  },
  {
    id: 'broker-killed',
    brokers: 1,
    partitions: 3,
    replicationFactor: 1,
    minInsyncReplicas: 1,
    steps: [
      ...begin,
      act('a', 'kill'),
      writes(CATCH_UP_MS),
      { do: 'await', what: 'running', who: ['a'], withinMs: CATCH_UP_MS },
      hold(2_000),
      { do: 'nothingLost' },
    ],
  },
]
