/** What the supervisors of the brokers remember of each, see `broker/life_before.ts`. One that ends with its machine remembers nothing. */
import type { LifeTold } from '../../broker/life_before.ts'

export class SupervisorMemory {
  private readonly told = new Map<number, LifeTold>()

  of(id: number): LifeTold | undefined {
    return this.told.get(id)
  }

  tell(id: number, life: LifeTold | undefined): void {
    if (life) this.told.set(id, life)
    else this.told.delete(id)
  }

  endOf(id: number): void {
    this.told.delete(id)
  }
}
