/** Replaces code of a class from outside, for mutants. Each returns what puts the original back. */

/** Replaces a method or getter of a class, private ones too. */
export function replace(prototype: object, name: string, make: (original: any) => PropertyDescriptor): () => void {
  const before = Object.getOwnPropertyDescriptor(prototype, name)
  if (before === undefined) throw new Error(`there is no ${name} to replace: the mutant has to follow the code`)
  Object.defineProperty(prototype, name, { ...before, ...make(before.value ?? before.get) })
  return () => Object.defineProperty(prototype, name, before)
}
export const method =
  (type: { prototype: object }, name: string, make: (original: any) => (this: any, ...args: any[]) => unknown) => () =>
    replace(type.prototype, name, (original) => ({ value: make(original) }))
export const getter =
  (type: { prototype: object }, name: string, make: (original: any) => (this: any) => unknown) => () =>
    replace(type.prototype, name, (original) => ({ get: make(original) }))
