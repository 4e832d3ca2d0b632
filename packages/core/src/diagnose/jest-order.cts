/** A sequencer for Jest that keeps the order in which files were named. Where it finds that: `orderOf` in jest-trial.ts. */
interface Test {
  path: string
}

const key = Symbol.for('glovebox.trial.order')

class Order {
  shard(tests: readonly Test[]): readonly Test[] {
    return tests
  }

  sort(tests: readonly Test[]): Test[] {
    const order = (globalThis as Record<symbol, unknown>)[key] as readonly string[]
    return [...tests].sort((a, b) => order.indexOf(a.path) - order.indexOf(b.path))
  }

  allFailedTests(tests: readonly Test[]): readonly Test[] {
    return tests
  }

  cacheResults(): void {}
}

module.exports = Order
