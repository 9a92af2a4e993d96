import { chances } from '../state/prober/world.ts'

/** All the chance of one world: the same seed, the same draws in the same order. */
export class Chance {
  private readonly next: () => number

  constructor(seed: number) {
    // Seeds that follow each other are to have nothing in common.
    this.next = chances(Math.imul(seed + 1, 0x9e3779b1))
  }

  /** In [0, 1). */
  draw(): number {
    return this.next()
  }

  /** In [least, most). */
  between(least: number, most: number): number {
    return least + this.next() * (most - least)
  }

  /** A whole number from least to most, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  /** True so often. */
  has(share: number): boolean {
    return this.next() < share
  }

  /** One of a list that is not empty. */
  pick<Item>(list: readonly Item[]): Item {
    const item = list[Math.floor(this.next() * list.length)]
    if (item === undefined) throw new Error('nothing to pick from')
    return item
  }
}
