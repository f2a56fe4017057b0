/** What a topic may be called. Names become folder names, hence the limits; '.' and '_' look alike in metrics' names. */
import { KafkaError } from '../protocol/errors.ts'

const LONGEST_NAME = 249
const LEGAL = /^[a-zA-Z0-9._-]+$/

/** Why no topic may have this name; undefined if one may. */
export function topicNameProblem(name: string): KafkaError | undefined {
  const why = problem(name)
  return why === undefined ? undefined : new KafkaError('INVALID_TOPIC_EXCEPTION', why)
}

function problem(name: string): string | undefined {
  if (name === '') return 'A topic needs a name.'
  if (name === '.' || name === '..') return "A topic cannot be called '.' or '..'."
  if (name.length > LONGEST_NAME)
    return `The topic name has ${name.length} characters; at most ${LONGEST_NAME} are allowed.`
  if (!LEGAL.test(name)) return `The topic name '${name}' may hold ASCII letters, digits, '.', '_' and '-' only.`
  return undefined
}

/** Two names with the same form would be one in the names of metrics. */
export const collisionForm = (name: string): string => name.replaceAll('.', '_')
