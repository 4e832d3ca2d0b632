import { expect, test } from 'vitest'
import { runCommand } from './run-command.js'
import { spellOutUsage } from './usage-switch.js'

const { options } = runCommand()

test.each([
  ['before a command', ['--usage', 'ls'], ['--usage=text', 'ls']],
  ['before the separator', ['--usage', '--', 'ls', '--usage'], ['--usage=text', '--', 'ls', '--usage']],
  [
    'after an option with a value',
    ['-m', '1G', '--cpus', '2', '--usage', 'ls'],
    ['-m', '1G', '--cpus', '2', '--usage=text', 'ls'],
  ],
  ['with a format of its own', ['--usage=json', 'ls'], ['--usage=json', 'ls']],
  ['the command’s own', ['ls', '--usage'], ['ls', '--usage']],
  ['as the value of another option', ['--hostname', '--usage', 'ls'], ['--hostname', '--usage', 'ls']],
])('--usage %s', (_, typed, spelled) => {
  expect(spellOutUsage(typed, options)).toEqual(spelled)
})
