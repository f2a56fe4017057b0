/** A start that cannot succeed for a reason that its user can mend: the message is the one sentence to say. */
export class StartError extends Error {
  override name = 'StartError'
}
