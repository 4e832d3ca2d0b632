/** What the reports for CI services say of the files of reports.test.ts. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { validateStrict } from 'ctrf'
import { expect } from 'vitest'
import { validateXML } from 'xmllint-wasm'

/** Each is one line, with what GitHub would take for its own escaped. */
export function expectGithub(log: string, summary: string): void {
  const annotations = log.split('\n').filter((line) => /^::(error|warning) .*title=Glovebox/.test(line))
  expect(annotations).toContainEqual(
    expect.stringMatching(
      /^::warning file=coin\.test\.js,title=Glovebox%3A Flaky::failed in 1 of 2 runs, .*first, 100%25/,
    ),
  )
  expect(annotations).toContainEqual(
    expect.stringMatching(
      /^::warning file=known\.test\.js,title=Glovebox%3A In quarantine::.*until 2999-12-31 \(ada: issue 12\)/,
    ),
  )
  expect(annotations).toContainEqual(
    expect.stringMatching(/^::error file=hog\.test\.js,title=Glovebox%3A Memory limit::/),
  )
  expect(annotations).toContainEqual(
    expect.stringMatching(
      /^::warning file=glovebox\.quarantine\.json,.*coin\.test\.js expired on 2020-01-01/,
    ),
  )
  expect(annotations).toHaveLength(4)
  expect(summary).toContain('Test files: 0 passed, 1 flaky, 1 in quarantine, 1 failed.')
  expect(summary).toMatch(/\| ❌ Memory limit \| hog\.test\.js \|/)
  expect(summary).toMatch(/\| ⚠️ Flaky \| coin\.test\.js \| .*adds &lt;&amp;/)
}

export async function expectJunit(xml: string): Promise<void> {
  const schema = readFileSync(join(import.meta.dirname, 'junit.xsd'), 'utf8')
  const { valid, errors } = await validateXML({
    xml: { fileName: 'junit.xml', contents: xml },
    schema: { fileName: 'junit.xsd', contents: schema },
  })
  expect(errors).toEqual([])
  expect(valid).toBe(true)
  expect(xml).toMatch(
    /name="cart &gt; adds &lt;&amp;&quot;" [^>]*>\s*<flakyFailure message="(Error: )?first, 100%"/,
  )
  expect(xml).toMatch(/name="is known" [^>]*>\s*<skipped message="failed, but is in quarantine until 2999/)
  expect(xml).toMatch(
    /classname="hog\.test\.js" name="hog\.test\.js" [^>]*>\s*<error [^>]*type="memory-limit"/,
  )
}

export function expectCtrf(text: string, runner: string): void {
  const report = JSON.parse(text) as {
    results: {
      tool: { name: string }
      summary: Record<string, number>
      tests: Record<string, unknown>[]
      environment: unknown
    }
  }
  validateStrict(report)
  const { tool, summary, tests, environment: about } = report.results
  expect(tool.name).toBe(runner.startsWith('Vitest') ? 'vitest' : 'jest')
  expect(about).toEqual({ commit: 'c0ffee', branchName: 'main' })
  expect(summary).toMatchObject({ flaky: 1, other: 1, tests: tests.length })
  expect(tests).toContainEqual(
    expect.objectContaining({ status: 'passed', flaky: true, retries: 1, filePath: 'coin.test.js' }),
  )
  expect(tests).toContainEqual(
    expect.objectContaining({ name: 'is known', status: 'other', rawStatus: 'failed', tags: ['quarantine'] }),
  )
  expect(tests).toContainEqual(
    expect.objectContaining({ name: 'hog.test.js', status: 'failed', tags: ['memory-limit'] }),
  )
}
