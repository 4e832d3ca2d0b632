import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

type Any = (...args: unknown[]) => unknown

/** What tools read to load themselves is as fast as ever. */
const tools = /[\\/]node_modules[\\/]/

/**
 * Each call of `node:fs` that goes to the disk takes so many milliseconds longer: those that wait block, callbacks come and promises
 * settle later. Child processes and the loader of ES modules are as fast as ever.
 */
export function slowFiles(milliseconds: number): void {
  const { setTimeout } = globalThis
  const cell = new Int32Array(new SharedArrayBuffer(4))
  const wait = () => Atomics.wait(cell, 0, 0, milliseconds)
  const pause = () => new Promise((resolve) => setTimeout(resolve, milliseconds))
  const isSpared = (path: unknown) => typeof path === 'string' && tools.test(path)

  for (const name of names(fs)) {
    const call = Reflect.get(fs, name) as Any
    const slow: Any = name.endsWith('Sync')
      ? (...args) => {
          if (!isSpared(args[0])) wait()
          return call.apply(fs, args)
        }
      : (...args) => {
          if (isSpared(args[0])) return call.apply(fs, args)
          setTimeout(() => call.apply(fs, args), milliseconds)
          return undefined
        }
    // `realpath.native`, and what `util.promisify` makes of `read` and `exists`.
    Object.defineProperties(slow, Object.getOwnPropertyDescriptors(call))
    Reflect.set(fs, name, slow)
  }
  for (const name of names(fs.promises)) {
    const call = Reflect.get(fs.promises, name) as Any
    Reflect.set(fs.promises, name, async (...args: unknown[]) => {
      if (!isSpared(args[0])) await pause()
      return call.apply(fs.promises, args)
    })
  }
  syncBuiltinESMExports()
}

/** What reaches the disk; streams, watchers and `glob` call these, or give something back at once. */
const accesses =
  /^(access|append|chmod|chown|close|copyFile|cp|exists|fchmod|fchown|fdatasync|fstat|fsync|ftruncate|link|lstat|mkdir|mkdtemp|open|opendir|read|readdir|readFile|readlink|readv|realpath|rename|rm|rmdir|stat|symlink|truncate|unlink|utimes|write|writeFile|writev)(File)?(Sync)?$/

function names(module: object): string[] {
  return Object.keys(module).filter((name) => accesses.test(name))
}
