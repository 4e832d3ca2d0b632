import { readFile } from 'node:fs/promises'
import type { FileRecord } from '@glovebox/core/adapter'
import type { Fixture } from '../harness/fixture.js'
import { moduleOf, type Run } from '../harness/run-runner.js'

/** What `glovebox.json` says of the files of a fixture whose config asks for it, by file name. */
export async function recordsOf(project: Fixture): Promise<Map<string, FileRecord>> {
  const { files } = JSON.parse(await readFile(project.path('glovebox.json'), 'utf8')) as {
    files: (FileRecord & { file: string })[]
  }
  return new Map(files.map((record) => [record.file, record]))
}

/** All that the runner reports as the reason why a file failed: of the module and of its tests. */
export function messagesOf(run: Run, file: string): string {
  const { message, assertionResults } = moduleOf(run, file)
  return [message, ...assertionResults.flatMap(({ failureMessages }) => failureMessages ?? [])].join('\n')
}

/** Status by test title. */
export function testsOf(run: Run, file: string): Record<string, string> {
  return Object.fromEntries(moduleOf(run, file).assertionResults.map(({ title, status }) => [title, status]))
}
