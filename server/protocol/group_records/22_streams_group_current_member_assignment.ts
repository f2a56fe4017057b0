/** The tasks that a member of a streams group runs, and those it has still to give up. */
import { array, int8, int32, message, string } from '../schema.ts'

export const StreamsGroupCurrentMemberAssignmentKey = message(
  'StreamsGroupCurrentMemberAssignmentKey',
  { versions: '0', flexible: 'none' },
  {
    groupId: string(),
    memberId: string(),
  },
)

export const StreamsGroupCurrentMemberAssignmentValue = message(
  'StreamsGroupCurrentMemberAssignmentValue',
  { versions: '0', flexible: '0+' },
  {
    memberEpoch: int32(),
    previousMemberEpoch: int32(),
    state: int8(),
    activeTasks: array({
      subtopologyId: string(),
      partitions: array(int32()),
      assignmentEpochs: array(int32(), { nullable: '0+', tag: 0 }),
    }),
    standbyTasks: array({
      subtopologyId: string(),
      partitions: array(int32()),
      assignmentEpochs: array(int32(), { nullable: '0+', tag: 0 }),
    }),
    warmupTasks: array({
      subtopologyId: string(),
      partitions: array(int32()),
      assignmentEpochs: array(int32(), { nullable: '0+', tag: 0 }),
    }),
    activeTasksPendingRevocation: array({
      subtopologyId: string(),
      partitions: array(int32()),
      assignmentEpochs: array(int32(), { nullable: '0+', tag: 0 }),
    }),
    standbyTasksPendingRevocation: array({
      subtopologyId: string(),
      partitions: array(int32()),
      assignmentEpochs: array(int32(), { nullable: '0+', tag: 0 }),
    }),
    warmupTasksPendingRevocation: array({
      subtopologyId: string(),
      partitions: array(int32()),
      assignmentEpochs: array(int32(), { nullable: '0+', tag: 0 }),
    }),
  },
)
