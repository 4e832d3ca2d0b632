/**
 * V8 compiles a function when it is first called, which each worker would do again for what it calls first: modules that are loaded in between are
 * compiled whole.
 */
import { setFlagsFromString } from 'node:v8'

export function compileEagerly(): void {
  setFlagsFromString('--no-lazy')
}

export function compileLazily(): void {
  setFlagsFromString('--lazy')
}
