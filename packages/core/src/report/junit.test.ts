import { expect, test } from 'vitest'
import { failure, fileOf } from './files.fixture.js'
import { escapeXml, junitReport } from './junit.js'

test.each([
  ['a < b && "c" > d', 'a &lt; b &amp;&amp; &quot;c&quot; &gt; d'],
  ['\u001b[31mred\u001b[39m', 'red'],
  ['bell \u0007, null \u0000, \uffff', 'bell , null , '],
  ['two\nlines\tand a tab', 'two&#10;lines&#9;and a tab'],
  ['half a pair \ud83d.', 'half a pair \ufffd.'],
  ['a whole one 😀', 'a whole one 😀'],
])('%j is written as %j', (text, escaped) => {
  expect(escapeXml(text)).toBe(escaped)
})

test('suites and cases are counted, and flaky tests have what failed first', () => {
  const files = [
    fileOf({ flaky: { runs: 2, failures: [failure] } }),
    fileOf({ file: 'b.test.ts', project: 'api' }),
  ]
  const xml = junitReport({ runner: 'vitest 5.1.1', started: 0, ended: 1, files })
  expect(xml.split('\n').slice(0, 10)).toEqual([
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites name="vitest 5.1.1" tests="4" failures="0" errors="0" skipped="0" time="2.400">',
    '  <testsuite name="a.test.ts" timestamp="1970-01-01T00:00:00" tests="2" failures="0" errors="0" skipped="0" time="1.200">',
    '    <properties>',
    '      <property name="glovebox.verdict" value="passed-through"/>',
    '    </properties>',
    '    <testcase classname="a.test.ts" name="cart &gt; adds" time="0.003" file="a.test.ts">',
    '      <flakyFailure message="expected 3" type="flaky">expected 3</flakyFailure>',
    '    </testcase>',
    '    <testcase classname="a.test.ts" name="is fine" time="0.004" file="a.test.ts"/>',
  ])
  expect(xml).toContain('<testsuite name="api b.test.ts"')
})
