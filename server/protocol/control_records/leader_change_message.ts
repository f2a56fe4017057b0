/** The first record of each leader of the metadata log (KIP-595). Version 1 tells voters by directory too. */
import { array, int16, int32, message, uuid } from '../schema.ts'

export const LeaderChangeMessage = message(
  'LeaderChangeMessage',
  { versions: '0-1', flexible: '0+' },
  {
    version: int16(),
    leaderId: int32(),
    voters: array({
      voterId: int32(),
      voterDirectoryId: uuid({ versions: '1+' }),
    }),
    grantingVoters: array({
      voterId: int32(),
      voterDirectoryId: uuid({ versions: '1+' }),
    }),
  },
)
