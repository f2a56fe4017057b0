/**
 * A member joins a classic group, or joins again for a rebalance. The response comes when all members have joined or
 * their time is up; the leader's holds everyone's metadata, from which it computes the assignment. A member without an
 * id is given one and must come back with it (KIP-394); one with a group.instance.id is static (KIP-345).
 */
import { api } from '../api.ts'
import { array, bool, bytes, int16, int32, string } from '../schema.ts'

export const JoinGroup = api({
  key: 11,
  name: 'JoinGroup',
  versions: '0-9',
  flexible: '6+',
  request: {
    groupId: string(),
    sessionTimeoutMs: int32(),
    /** How long members may take to join again. In version 0 it is the session timeout. */
    rebalanceTimeoutMs: int32({ versions: '1+', default: -1 }),
    /** Empty for a new member. */
    memberId: string(),
    groupInstanceId: string({ versions: '5+', nullable: '5+', default: null }),
    protocolType: string(),
    /** Assignors that the member can use, the best first, each with its subscription. */
    protocols: array({
      name: string(),
      metadata: bytes(),
    }),
    /** Why it joins again, for the log (KIP-800). */
    reason: string({ versions: '8+', nullable: '8+', default: null }),
  },
  response: {
    throttleTimeMs: int32({ versions: '2+' }),
    errorCode: int16(),
    generationId: int32({ default: -1 }),
    protocolType: string({ versions: '7+', nullable: '7+', default: null }),
    protocolName: string({ nullable: '7+' }),
    leader: string(),
    /** The leader of a group of static members came back: it keeps the old assignment (KIP-814). */
    skipAssignment: bool({ versions: '9+' }),
    memberId: string(),
    /** For the leader alone; empty for the others. */
    members: array({
      memberId: string(),
      groupInstanceId: string({ versions: '5+', nullable: '5+', default: null }),
      metadata: bytes(),
    }),
  },
})
