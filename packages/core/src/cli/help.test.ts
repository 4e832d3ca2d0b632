import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { diagnoseCommand } from './diagnose-command.js'
import { doctorCommand } from './doctor-command.js'
import { historyCommand } from './history-command.js'
import { quarantineCommand } from './quarantine-command.js'
import { runCommand } from './run-command.js'

const page = fileURLToPath(new URL('../../../../docs/cli.md', import.meta.url))

test('docs/cli.md shows the help as it is (`vitest -u` brings it up to date)', async () => {
  const text = readFileSync(page, 'utf8')
  const commands = [runCommand(), doctorCommand(), diagnoseCommand(), quarantineCommand(), historyCommand()]
  const updated = commands.reduce(withHelp, text)
  expect(updated).toContain('--memory-swap')
  await expect(updated).toMatchFileSnapshot(page)
})

function withHelp(text: string, command: Command): string {
  const block = new RegExp(`(<!-- help ${command.name()} -->\n\`\`\`text\n)[^]*?(^\`\`\`)`, 'm')
  expect(text).toMatch(block)
  return text.replace(block, (_, head: string, tail: string) => head + helpOf(command) + tail)
}

function helpOf(command: Command): string {
  let text = ''
  command
    .name(`glovebox ${command.name()}`)
    .configureOutput({ getOutHelpWidth: () => 110, writeOut: (chunk) => (text += chunk) })
    .outputHelp()
  return text
}
