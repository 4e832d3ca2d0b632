// Outcomes of a run, test by test, from the JSON report, which Vitest and Jest write alike: pure functions.
import { relative } from 'node:path'

/** Map of `file > suite > test` to `passed`, `failed`, `skipped`, `todo` … A file that failed as a whole has an entry of its own. */
export function outcomes(report, root) {
  const found = new Map()
  const add = (name, outcome) => {
    let unique = name
    for (let copy = 2; found.has(unique); copy++) unique = `${name} (${copy})`
    found.set(unique, outcome)
  }
  for (const { name, status, message, assertionResults } of report.testResults) {
    const file = relative(root, name)
    for (const { ancestorTitles, title, status } of assertionResults) {
      add([file, ...ancestorTitles, title].filter(Boolean).join(' > '), status)
    }
    const failedAsWhole = status === 'failed' && !assertionResults.some((test) => test.status === 'failed')
    if (failedAsWhole) add(`${file} (the file)`, `failed: ${firstLine(message)}`)
  }
  return found
}

/** `{ passed: 12, failed: 1 … }` */
export function counts(found) {
  const result = {}
  for (const outcome of found.values()) {
    const kind = outcome.split(':')[0]
    result[kind] = (result[kind] ?? 0) + 1
  }
  return result
}

/** The tests whose outcome differs, sorted: `{ test, own, glovebox }`, `absent` where one run does not have it. */
export function differences(own, glovebox) {
  return [...new Set([...own.keys(), ...glovebox.keys()])]
    .map((test) => ({ test, own: own.get(test) ?? 'absent', glovebox: glovebox.get(test) ?? 'absent' }))
    .filter((difference) => difference.own !== difference.glovebox)
    .toSorted((a, b) => a.test.localeCompare(b.test))
}

function firstLine(text) {
  return text.split('\n')[0].slice(0, 200)
}
