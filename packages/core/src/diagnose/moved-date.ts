import { readFileSync } from 'node:fs'
import vm from 'node:vm'
import type { Orders } from './perturbation.js'

interface Timekeeper {
  travel(to: Date): void
}

/**
 * Moves `Date` in this realm and in every one that is made later: Jest's environments are such. Timers and the monotonic clock stay as
 * they are. The library is given as a path, because what it patches is the `Date` of the realm that evaluates it.
 */
export function moveDate({ to, timekeeper = '' }: NonNullable<Orders['date']>): void {
  const target = new Date(to).getTime()
  const source = readFileSync(timekeeper, 'utf8')
  const load = `(function (module, exports) { ${source}\n return module.exports })`
  const travel = (evaluate: (code: string) => unknown): void => {
    const module = { exports: {} }
    const library = (evaluate(load) as (m: object, e: object) => Timekeeper)(module, module.exports)
    library.travel(new Date(target + (performance.now() - begun)))
  }
  const begun = performance.now()
  const { createContext } = vm
  vm.createContext = ((...args: Parameters<typeof createContext>) => {
    const context = createContext(...args)
    travel((code) => vm.runInContext(code, context))
    return context
  }) as typeof createContext
  travel((code) => vm.runInThisContext(code))
}
