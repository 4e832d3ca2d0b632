import { Command, CommanderError } from 'commander'
import { GloveboxError } from '../errors.js'
import { ownVersion } from '../version.js'
import { type DiagnoseFlags, diagnoseCommand } from './diagnose-command.js'
import { doctor } from './doctor.js'
import { doctorCommand } from './doctor-command.js'
import { status } from './exit-status.js'
import type { RunFlags } from './flags.js'
import { historyCommand } from './history-command.js'
import { quarantineCommand } from './quarantine-command.js'
import { runCommand } from './run-command.js'
import { say } from './say.js'
import { testRunOf } from './test-file.js'
import { spellOutUsage } from './usage-switch.js'

/** Runs a command line. Resolves with the exit status; never rejects. */
export async function program(args: readonly string[]): Promise<number> {
  let result = 0
  const root = createRoot((outcome) => {
    result = outcome
  })
  try {
    await root.parseAsync(spelledOut(root, args), { from: 'user' })
    return result
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0
      return args[0] === 'run' ? status.failed : status.usage
    }
    // Ours are explained; of anything else the stack is what helps.
    say(error instanceof GloveboxError ? error.message : String(error instanceof Error ? error.stack : error))
    return args[0] === 'run' ? status.failed : status.usage
  }
}

function createRoot(settle: (status: number) => void): Command {
  const root = new Command('glovebox')
    .description('Run commands and test files in sealed Linux sandboxes.')
    .version(ownVersion(), '-V, --version')
    .enablePositionalOptions()
    .exitOverride()
  const commands = [
    // Each loads what it needs when it is wanted: the doctor must be able to come where few files may be open.
    runCommand().action(async (words: [string, ...string[]], flags: RunFlags) => {
      const test = testRunOf(words, flags, process.cwd())
      if (test === undefined) settle(await (await import('./run.js')).run(words, flags))
      else settle(await (await import('./run-test.js')).runTest(test))
    }),
    doctorCommand().action(async (flags: { json?: boolean }) => settle(await doctor(flags))),
    diagnoseCommand(async (paths, flags) => {
      const { mergeDiagnosis } = await import('./diagnose-merge.js')
      settle(mergeDiagnosis(paths, flags))
    }).action(async (file: string, flags: DiagnoseFlags) => {
      const { diagnose } = await import('./diagnose.js')
      settle(await diagnose(file, flags))
    }),
    quarantineCommand(async () => {
      const { quarantineIn } = await import('./quarantine.js')
      return quarantineIn(process.cwd(), new Date(), (text) => void process.stdout.write(text))
    }, settle),
    historyCommand(async () => {
      const { historyIn } = await import('./history.js')
      return historyIn(process.cwd(), new Date(), (text) => void process.stdout.write(text))
    }, settle),
  ]
  for (const command of commands) root.addCommand(command)
  return root
}

function spelledOut(root: Command, [name = '', ...rest]: readonly string[]): string[] {
  const command = root.commands.find((candidate) => candidate.name() === name)
  return command ? [name, ...spellOutUsage(rest, command.options)] : name ? [name, ...rest] : ['--help']
}
