/** What a `start` request says to a forked child; docs/protocol.md lists the keys. */
export interface StartRecords {
  args: string[]
  env: Record<string, string>
  cwd: string
}

/** Pure. `records`: NUL-terminated `key=value`, from native code that has checked them. */
export function parseStartRecords(records: Buffer): StartRecords {
  const start: StartRecords = { args: [], env: {}, cwd: '/' }
  for (const record of records.toString('utf8').split('\0')) {
    const [key, value] = cut(record)
    if (key === 'arg') start.args.push(value)
    else if (key === 'cwd') start.cwd = value
    else if (key === 'env') {
      const [name, content] = cut(value)
      start.env[name] = content
    }
  }
  return start
}

function cut(text: string): [string, string] {
  const at = text.indexOf('=')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
