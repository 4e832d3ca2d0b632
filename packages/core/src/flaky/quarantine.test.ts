import { expect, test } from 'vitest'
import {
  describeQuarantined,
  excuse,
  expiryNotices,
  formatQuarantine,
  parseQuarantine,
  type QuarantineEntry,
} from './quarantine.js'

const entry: QuarantineEntry = { file: 'a.test.ts', owner: 'ada', reason: 'slow CI', expires: '2026-12-31' }
const failure = { test: 'cart > adds', message: 'expected 3' }

test('an entry of a file excuses all its failures, up to and with its last day', () => {
  const excused = excuse([entry], 'a.test.ts', [failure], '2026-12-31')
  expect(excused).toEqual({ owner: 'ada', reason: 'slow CI', expires: '2026-12-31', failures: [failure] })
  expect(excuse([entry], 'a.test.ts', [failure], '2027-01-01')).toBeUndefined()
  expect(excuse([entry], 'b.test.ts', [failure], '2026-12-31')).toBeUndefined()
})

test('an entry of a test excuses that test, under the name that either runner gives it, and no other', () => {
  const of = (name: string) => [{ ...entry, test: name }]
  expect(excuse(of('cart adds'), 'a.test.ts', [failure], '2026-01-01')).toBeDefined()
  expect(excuse(of('cart > adds'), 'a.test.ts', [failure], '2026-01-01')).toBeDefined()
  const other = { test: 'cart > removes', message: 'x' }
  expect(excuse(of('cart > adds'), 'a.test.ts', [failure, other], '2026-01-01')).toBeUndefined()
  expect(excuse([], 'a.test.ts', [failure], '2026-01-01')).toBeUndefined()
})

test('what expired is named with its owner', () => {
  expect(expiryNotices([entry, { ...entry, expires: '2025-01-31', test: 'adds' }], '2026-01-01')).toEqual([
    'glovebox.quarantine.json: the quarantine of a.test.ts › adds expired on 2025-01-31 (ada: slow CI). Its failures count again.',
  ])
})

test('the list is written in order and read as it was written', () => {
  const later = { ...entry, file: 'b.test.ts' }
  const content = formatQuarantine([later, { ...entry, test: 'z' }, entry])
  expect(parseQuarantine(content, 'list')).toEqual([entry, { ...entry, test: 'z' }, later])
})

test.each([
  ['{', 'list: is not JSON'],
  ['{"version":2,"entries":[]}', 'list: version: 2 is not one of 1'],
  [
    '{"version":1,"entries":[{"file":"a","owner":"b","reason":"c","expires":"2026-02-30"}]}',
    "list: entries[0].expires: '2026-02-30' is not a day such as 2026-12-31",
  ],
  [
    '{"version":1,"entries":[{"file":"","owner":"b","reason":"c","expires":"2026-02-20"}]}',
    'must not be empty',
  ],
])('%s is refused, naming key and value', (content, message) => {
  expect(() => parseQuarantine(content, 'list')).toThrow(message)
})

test('what is excused is told with everything that failed', () => {
  const excused = { owner: 'ada', reason: 'slow CI', expires: '2026-12-31', failures: [failure] }
  expect(describeQuarantined(excused)).toBe(
    'failed, but is in quarantine until 2026-12-31 (ada: slow CI): cart > adds: expected 3',
  )
})
