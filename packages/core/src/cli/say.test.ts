import { expect, test } from 'vitest'
import { settings } from '../config/settings.js'
import { runCommand } from './run-command.js'
import { inFlags } from './say.js'

test.each([
  ["command line: limits.memory: 'x' is not a size", "--memory: 'x' is not a size"],
  ['command line: root: /x does not exist', '--root: /x does not exist'],
  [
    'command line: 2 problems\n  limits.cpus: 0 …\n  filesystem.writable[1]: /x …',
    'command line: 2 problems\n  --cpus: 0 …\n  --writable: /x …',
  ],
  ["set onUnsupported: 'warn'", 'set --on-unsupported warn'],
  ['see node.js and user.max_user_namespaces', 'see node.js and user.max_user_namespaces'],
])('%s', (text, expected) => {
  expect(inFlags(text)).toBe(expected)
})

test('every setting has a flag, but those that make no sense for a command', () => {
  const flags = new Set(runCommand().options.map((option) => option.long))
  const without = settings
    .filter((setting) => !flags.has(inFlags(`command line: ${setting.path.join('.')}:`).replace(/:$/, '')))
    .map((setting) => setting.name)
  expect(without).toEqual(['on-blocked', 'persist', 'strict-writes', 'env-unset', 'leaks'])
})
