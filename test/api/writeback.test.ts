/** What a file wrote to the project: copied back if it may, listed if not. */
import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import type { FileRecord } from '@glovebox/core/adapter'
import { describe, expect, test } from 'vitest'
import { requires } from '../harness/requires.js'
import { identityOf } from '../harness/users.js'
import { roles } from './program.js'
import { play } from './session.js'

const persist = ['**/*.snap']
const files = { 'old.snap': 'old', 'gone.snap': '', 'kept.txt': 'kept' }

describe.each(roles)('as %s', (role) => {
  requires(role)

  test('created, changed and deleted files and symlinks that match are kept, others discarded', async () => {
    const { output } = await play<FileRecord>(role, 'writes', { persist, files }, (fixture) => {
      expect(readFileSync(fixture.path('__snapshots__/new.snap'), 'utf8')).toBe('new')
      expect(statSync(fixture.path('__snapshots__/new.snap'))).toMatchObject({
        mode: 0o100600,
        uid: identityOf(role).uid,
      })
      expect(readFileSync(fixture.path('old.snap'), 'utf8')).toBe('old and more')
      expect(readlinkSync(fixture.path('link.snap'))).toBe('old.snap')
      expect(readFileSync(fixture.path('named.html'), 'utf8')).toBe('named')
      expect(readdirSync(fixture.dir)).not.toContain('gone.snap')
      expect(readdirSync(fixture.dir)).not.toContain('scratch.txt')
      expect(lstatSync(fixture.path('kept.txt')).isFile()).toBe(true)
    })
    const relative = (path: string): string => path.split('/').at(-1) ?? ''
    expect(output.writes.persisted.map(relative).sort()).toEqual([
      'gone.snap',
      'link.snap',
      'named.html',
      'new.snap',
      'old.snap',
    ])
    expect(output.writes.discarded.map(({ path, change }) => [relative(path), change]).sort()).toEqual([
      ['kept.txt', 'deleted'],
      ['scratch.txt', 'created'],
    ])
    expect(output.verdict).toEqual({ kind: 'passed-through' })
  })

  test('of a file that was not done nothing is kept', async () => {
    const { output } = await play<FileRecord>(role, 'unfinishedWrites', { persist }, (fixture) => {
      expect(readdirSync(fixture.dir)).not.toContain('half.snap')
    })
    expect(output.verdict).toMatchObject({ kind: 'killed', by: 'glovebox', detail: 'the run was cancelled' })
    expect(output.writes).toMatchObject({ persisted: [], discarded: [{ change: 'created', size: 4 }] })
  })

  test('two files that keep different content in one path are an error that names both', async () => {
    const { output } = await play<{ verdicts: FileRecord['verdict'][]; kept: string }>(role, 'conflict', {
      persist,
    })
    expect(output.verdicts).toEqual([
      { kind: 'passed-through' },
      expect.objectContaining({
        kind: 'sandbox-error',
        stage: 'write-back',
        message: expect.stringMatching(/a\.test\.ts and .*b\.test\.ts/),
      }),
    ])
    expect(output.kept).toBe('one')
  })
})
