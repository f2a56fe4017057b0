/**
 * What can be set for a subscription to clients' metrics (KIP-714): which metrics, how often, of which clients. All of it can be
 * changed while the broker runs; a subscription is there as soon as something is set for it.
 */
import { define } from './define.ts'

export const clientMetricsConfigs = define({
  'interval.ms': {
    type: 'int',
    unit: 'ms',
    default: 300_000,
    min: 100,
    max: 3_600_000,
    importance: 'medium',
    doc: 'How often clients push their metrics.',
  },
  match: {
    type: 'list',
    default: [],
    importance: 'medium',
    doc: 'Which clients are meant, as selector=pattern with a regular expression for the whole text; all that are given must match. None means every client.',
  },
  metrics: {
    type: 'list',
    default: [],
    importance: 'medium',
    doc: 'Which metrics are wanted, by the beginnings of their names; * means all of them, and nothing none.',
  },
})
