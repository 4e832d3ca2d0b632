import type { Dimension } from './perturbation.js'

/** A line of the test file that a finding makes suspicious. */
export interface Suspect {
  /** From 1. */
  line: number
  text: string
  what: string
}

const patterns: Partial<Record<Dimension, readonly [pattern: RegExp, what: string][]>> = {
  cpu: timing(),
  'event-loop': timing(),
  ports: [[/\blisten\(\s*\{?[^)]*\d{2,5}|\bport\b\s*[:=]\s*\d{2,5}/i, 'a fixed port']],
  network: [[/\bfetch\(|https?:\/\/|\b(createConnection|connect|lookup|resolve4?)\(/, 'the network']],
  services: [[/\bconnect\(|createClient\(|new (Client|Pool|Redis)\(|https?:\/\//, 'a service']],
  io: [...timing(), [/readFile|writeFile|createReadStream|createWriteStream/, 'files']],
  copies: files(),
  company: [[/globalThis\.|process\.(env|chdir|on)\b|prototype\./, 'state of the process'], ...files()],
  together: [...files(), [/\blisten\(|\bconnect\(|fetch\(|createClient\(/, 'what others can reach, too']],
  node: [[/process\.versions?\b|node:/, 'Node.js']],
  hostname: [[/\bhostname\(/, 'the host name']],
  'time-zone': [
    [/\bget(Hours|Date|Day|Month|FullYear)\(|toLocale\w*\(|getTimezoneOffset|\bnew Date\(/, 'local time'],
  ],
  locale: [[/toLocale\w*\(|\bIntl\.|localeCompare\(/, 'the locale']],
  environment: [[/process\.env\b/, 'an environment variable']],
  uptime: [[/\buptime\(|hrtime|performance\.now/, 'the clock of the machine']],
  date: [[/\bDate\.now\(|new Date\(\s*\)|\bnew Date\(/, 'today’s date']],
  randomness: [[/Math\.random\(|randomUUID|randomBytes|randomInt|getRandomValues/, 'random numbers']],
  leftovers: files(),
  order: [[/^\s*(let|var)\s|globalThis\.|process\.env\.\w+\s*=/, 'state that tests share']],
  memory: [[/Buffer\.alloc|new Array\(|\.repeat\(|new (Uint8|Float64)Array\(/, 'large allocations']],
  disk: [[/writeFile|appendFile|createWriteStream|truncate/, 'files']],
  umask: [[/\bmode\b|chmod|umask|statSync|\.stat\(/, 'file modes']],
  pids: [[/\b(spawn|exec|fork|execFile)(Sync)?\(|new Worker\(/, 'processes and threads']],
  'open-files': [[/\bopen(Sync)?\(|createReadStream|connect\(|createServer/, 'open files']],
}

function timing(): [RegExp, string][] {
  return [
    [/\bsetTimeout\(|\bsleep\(|\bdelay\(|timers\/promises/, 'waiting for a fixed time'],
    [/Date\.now\(\)|performance\.now\(\)|hrtime/, 'measuring time'],
    [/toBeLessThan|toBeGreaterThan/, 'a bound'],
  ]
}

function files(): [RegExp, string][] {
  return [
    [/writeFile|mkdir|appendFile|createWriteStream|existsSync|readdir|tmpdir\(\)|['"`]\/tmp\//, 'files'],
  ]
}

/** Up to three lines of the source that look like the cause. Pure. */
export function suspects(source: string, dimension: Dimension): Suspect[] {
  const lines = source.split('\n')
  const found = lines.flatMap((text, index): Suspect[] => {
    if (/^\s*(\/\/|\*|import\b)/.test(text)) return []
    const match = patterns[dimension]?.find(([pattern]) => pattern.test(text))
    return match === undefined ? [] : [{ line: index + 1, text: text.trim(), what: match[1] }]
  })
  return found.slice(0, 3)
}
