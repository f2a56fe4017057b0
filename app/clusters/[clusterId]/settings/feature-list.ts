/**
 * What a person can do, from what each procedure needs: `topics.planPurge` and `topics.applyPurge` are one feature,
 * `topics.purge`. Procedures that ask nothing of the cluster's APIs cannot be missing and are among the supported ones.
 */

export interface Feature {
  /** `topics.purge`: as actions are called in the audit log. */
  readonly id: string
  readonly supported: boolean
  /** APIs that the cluster lacks, each once. */
  readonly missing: readonly string[]
}

export function featuresOf(
  capabilities: Readonly<Record<string, { readonly supported: boolean; readonly missing: readonly string[] }>>,
): readonly Feature[] {
  const features = new Map<string, Feature>()
  for (const [path, { supported, missing }] of Object.entries(capabilities)) {
    const id = path.replace(/\.(?:plan|apply)([A-Z])/, (_, letter: string) => `.${letter.toLowerCase()}`)
    const known = features.get(id)
    features.set(id, {
      id,
      supported: supported && (known?.supported ?? true),
      missing: [...new Set([...(known?.missing ?? []), ...missing])],
    })
  }
  return [...features.values()]
}
