import { describe, expect, test } from 'vitest'
import type { Found } from './cluster_folders.ts'
import { type ClusterPlan, clusterPlan } from './cluster_plan.ts'

const nothing: Found = { controller: false, firstNodeId: undefined, others: [], grownFrom: undefined }
const one: Found = { ...nothing, firstNodeId: 1 }
const three: Found = { ...one, controller: true, others: [2, 3] }

const check = (found: Found, brokers: number, stages: ClusterPlan['stages'], lines: readonly string[] = []) =>
  expect(clusterPlan(found, brokers)).toEqual({ stages, lines })

describe('what a start does to get from what is there to what was asked for', () => {
  test('one broker is its own controller, with data or without', () => {
    check(nothing, 1, [{ brokers: [1], controller: false }])
    check(one, 1, [{ brokers: [1], controller: false }])
    check({ ...nothing, firstNodeId: 7 }, 1, [{ brokers: [1], controller: false }])
  })

  test('several on new folders, and as many as there were, are simply started', () => {
    check(nothing, 3, [{ brokers: [1, 2, 3], controller: true }])
    check(three, 3, [{ brokers: [1, 2, 3], controller: true }])
  })

  test('from one to three the controller takes the metadata over, and topics get replicas', () => {
    const resize = { keep: [1, 2, 3], leave: [], grownFrom: 1 }
    check(
      one,
      3,
      [{ brokers: [1, 2, 3], controller: true, takesOver: true, resize }],
      ['The data here is of one broker; brokers 2 and 3 and a controller join it.'],
    )
  })

  test('from three to one everything moves to broker 1, which then takes the metadata back', () => {
    check(
      three,
      1,
      [
        { brokers: [1, 2, 3], controller: true, resize: { keep: [1], leave: [2, 3] } },
        { brokers: [1], controller: false, givesBack: true },
      ],
      ['The data here is of 3 brokers: they are started, all partitions move to broker 1, and then it goes on alone.'],
    )
    // Interrupted when the others had left.
    check(
      { ...three, others: [] },
      1,
      [
        { brokers: [1], controller: true, resize: { keep: [1], leave: [] } },
        { brokers: [1], controller: false, givesBack: true },
      ],
      ['The data here is of one broker and a controller: it takes the metadata back, and then goes on alone.'],
    )
  })

  test('from three to five two join; from five to three two leave while the others serve', () => {
    check(
      three,
      5,
      [{ brokers: [1, 2, 3, 4, 5], controller: true, resize: { keep: [1, 2, 3, 4, 5], leave: [], grownFrom: 3 } }],
      ['The data here is of 3 brokers; brokers 4 and 5 join them.'],
    )
    check(
      { ...three, others: [2, 3, 4, 5] },
      3,
      [{ brokers: [1, 2, 3, 4, 5], controller: true, resize: { keep: [1, 2, 3], leave: [4, 5] } }],
      ['The data here is of 5 brokers: all partitions of brokers 4 and 5 move to the others, and then they leave.'],
    )
  })

  test('a growth that was interrupted goes on, also to another number, and is forgotten on the way back', () => {
    const grown = { ...three, grownFrom: 1 }
    const stages = (brokers: number, leave: number[]) => [
      {
        brokers: [1, 2, 3],
        controller: true,
        resize: { keep: [1, 2, 3].slice(0, brokers), leave, grownFrom: 1 },
      },
    ]
    check(grown, 3, stages(3, []))
    check(grown, 2, stages(2, [3]), [
      'The data here is of 3 brokers: all partitions of broker 3 move to the others, and then it leaves.',
    ])
    expect(clusterPlan(grown, 1)).toMatchObject({ stages: [{ resize: { keep: [1], leave: [2, 3] } }, {}] })
    // The controller had the metadata, the others had not begun.
    check({ ...one, controller: true, grownFrom: 1 }, 3, stages(3, []), [
      'The data here is of one broker; brokers 2 and 3 join it.',
    ])
  })

  test('a growth that was given up does not count for one from fewer brokers', () => {
    // From three to five, back to two, and now to three.
    const two = { ...three, others: [2], grownFrom: 3 }
    expect(clusterPlan(two, 3)).toMatchObject({ stages: [{ resize: { keep: [1, 2, 3], leave: [], grownFrom: 2 } }] })
    check(two, 2, [{ brokers: [1, 2], controller: true }])
  })

  test("another node's folder is no first broker's", () => {
    expect(clusterPlan({ ...nothing, firstNodeId: 7 }, 3)).toBe(
      'The data folder is that of node 7, but the brokers of a cluster are 1 to 3; use another DATA_DIR, or BROKERS=1.',
    )
  })
})
