/** The audit log: every change, who made it, what stood before and after, and whether it went through. */

export interface Actor {
  readonly who: string
  readonly sourceIp: string | null
}
