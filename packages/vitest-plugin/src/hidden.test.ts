import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { refuseHidden } from './hidden.js'

const hidden = ['/home/me/.ssh', '/app/.env']

test.each([
  '/home/me/.ssh/id_ed25519?raw',
  '/@fs/home/me/.ssh/config?url&inline',
  '/home/me/.ssh',
  '/app/.env?raw',
])('%s is refused', (id) => {
  expect(() => refuseHidden(id, hidden)).toThrow(/hides .* filesystem\.readonly/)
})

test.each(['/app/.env.example?raw', '/app/src/a.ts', '\0virtual:x', 'virtual:y', '/home/me/.sshx/a'])(
  '%s is not',
  (id) => {
    expect(() => refuseHidden(id, hidden)).not.toThrow()
  },
)

test('a symlink to what is hidden is refused, too', () => {
  const directory = mkdtempSync(join(tmpdir(), 'gbtest-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  writeFileSync(join(directory, 'secret'), '')
  symlinkSync(join(directory, 'secret'), join(directory, 'link'))
  expect(() => refuseHidden(join(directory, 'link'), [join(directory, 'secret')])).toThrow(/not loaded/)
})
