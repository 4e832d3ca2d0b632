/** A module whose worker was killed is a failed module to every reporter, with the verdict. */
import { beforeAll, expect, test } from 'vitest'
import { startVitest } from '../harness/run-vitest.js'
import { createProject, eachCell, printed } from './support.js'

const printing = [
  'default',
  'verbose',
  'dot',
  'tap',
  'tap-flat',
  'github-actions',
  'hanging-process',
  'tree',
] as const
const writing = ['json', 'junit', 'html', 'blob'] as const

const files = {
  'killed.test.ts': `
import { test } from 'vitest'
test('passes first', () => {})
test('is killed', () => { process.kill(process.pid, 'SIGKILL'); while (true); })
test('comes too late', () => {})`,
  'fine.test.ts': `import { test } from 'vitest'\ntest('is fine', () => {})`,
}

eachCell((cell, available) => {
  let output: string
  let written: Record<string, string>
  beforeAll(async () => {
    if (!available) return
    await using project = await createProject(cell, files)
    const args = [
      ...printing.map((name) => `--reporter=${name}`),
      ...writing.map((name) => `--reporter=${name}`),
      '--outputFile.json=out/report.json',
      '--outputFile.junit=out/junit.xml',
      '--outputFile.html=out/html/index.html',
      '--outputFile.blob=out/blob.json',
    ]
    const result = await startVitest({ ...cell, cwd: project.dir, args: ['--run', ...args] }).done
    output = printed(result)
    expect(result.code, result.stderr).toBe(1)
    written = {
      json: await project.read('out/report.json'),
      junit: await project.read('out/junit.xml'),
      html: await project.read(cell.vitest === '4.1' ? 'out/html/index.html' : '.vitest/index.html'),
      blob: await project.read('out/blob.json'),
    }
  })

  test('default, verbose and tree print it as a failed suite', () => {
    expect(output).toMatch(/FAIL +killed\.test\.ts \[ killed\.test\.ts \]\nGlovebox: Killed: .*SIGKILL/)
    expect(output).toContain('1 failed | 1 passed (2)')
    expect(output).toMatch(/✓ .*passes first/)
    expect(output).toMatch(/× .*is killed/)
    expect(output).toMatch(/↓ .*comes too late/)
  })

  test('tap and tap-flat tell each test apart', () => {
    expect(output).toMatch(/^ {4}ok \d - passes first/m)
    expect(output).toMatch(/^ {4}not ok \d - is killed/m)
    expect(output).toMatch(/^ok \d - killed\.test\.ts > passes first/m)
    expect(output).toMatch(/^not ok \d - killed\.test\.ts > is killed/m)
    expect(output).toMatch(/message: "This test was running when its file was ended/)
  })

  test('github-actions annotates the file', () => {
    expect(output).toMatch(/::error .*killed\.test\.ts.*title=.*::.*Killed/)
  })

  test('json', () => {
    const report = JSON.parse(written.json ?? '')
    const module = report.testResults.find(({ name }: { name: string }) => name.endsWith('killed.test.ts'))
    expect(module).toMatchObject({ status: 'failed', message: expect.stringContaining('SIGKILL') })
    expect(module.assertionResults.map(({ status }: { status: string }) => status)).toEqual([
      'passed',
      'failed',
      'skipped',
    ])
  })

  test('junit', () => {
    expect(written.junit).toMatch(
      /<testsuite name="killed\.test\.ts"[^>]* tests="4" failures="2"[^>]* skipped="1"/,
    )
    expect(written.junit).toMatch(/<failure message="Killed: .*SIGKILL/)
  })

  test('html and blob hold the verdict', () => {
    expect(written.html).toContain('<html')
    expect(written.blob).toContain('which no limit of Glovebox sent')
  })
})
