import { readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** More of them would take longer than everything else. */
const most = 6

/** Test files of the same directory that may have run before this one, as absolute paths: those that come before it by name first. */
export function predecessorsOf(file: string): string[] {
  return choosePredecessors(basename(file), readdirSync(dirname(file))).map((name) =>
    join(dirname(file), name),
  )
}

/** Pure. The nearest by name. */
export function choosePredecessors(own: string, names: readonly string[]): string[] {
  const kind = kindOf(own)
  const others = names.filter((name) => name !== own && kindOf(name) === kind).sort()
  const before = others.filter((name) => name < own)
  const after = others.filter((name) => name > own)
  return [...after.slice(0, Math.max(0, most - before.length)), ...before.slice(-most)]
}

/** `.test.ts` of `cart.test.ts`: what runners go by. */
function kindOf(name: string): string {
  return /(\.(test|spec))?\.[cm]?[jt]sx?$/.exec(name)?.[0] ?? ''
}
