import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Scripts } from './page.js'

/** Reads what a page holds: Chart.js as its package ships it for browsers, and the compiled client. */
export function pageScripts(): Scripts {
  const library = dirname(createRequire(import.meta.url).resolve('chart.js'))
  const [chart, client] = [join(library, 'chart.umd.min.js'), new URL('./client.js', import.meta.url)].map(
    (path) => readFileSync(path, 'utf8').replace(/^\/\/# sourceMappingURL=.*$/m, ''),
  )
  return { library: chart ?? '', client: client ?? '' }
}
