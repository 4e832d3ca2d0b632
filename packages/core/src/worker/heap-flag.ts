/** How core tells a worker V8's heap limit: an argument after its entry, which tests do not see. */
const name = '--max-old-space-size='
const MiB = 1024 ** 2

export function heapFlag(bytes: number): string {
  return `${name}${Math.floor(bytes / MiB)}`
}

/** Takes the flag from the arguments of a worker; bytes, or `undefined` where there is none. */
export function takeHeapFlag(args: string[]): number | undefined {
  const index = args.findIndex((arg) => arg.startsWith(name))
  const [flag] = index < 0 ? [] : args.splice(index, 1)
  return flag === undefined ? undefined : Number(flag.slice(name.length)) * MiB
}
