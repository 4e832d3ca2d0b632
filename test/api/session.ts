/** Plays the scenarios of programs/scenarios.mjs in a fixture of its own. */
import { createFixture, type Fixture } from '../harness/fixture.js'
import type { Role } from '../harness/users.js'
import { type ProgramResult, program } from './program.js'

const worker = `
const AsyncFunction = (async () => {}).constructor
export default function serve(channel) {
  channel.onMessage(async ({ code, value }) => {
    let answer
    try {
      answer = { result: await new AsyncFunction('value', 'channel', code)(value, channel) }
    } catch (error) {
      answer = { error: error.name + ': ' + error.message }
    }
    channel.send(answer)
  })
}
`

export interface SessionSpec {
  options?: unknown
  execArgv?: readonly string[]
  persist?: readonly string[]
  maxWorkers?: number
  files?: Record<string, string>
  env?: Record<string, string>
  /** A command to start the runner with. */
  through?: readonly string[]
}

/** The fixture is removed after `look` has looked at it. */
export async function play<Output>(
  role: Role,
  scenario: string,
  spec: SessionSpec = {},
  look: (fixture: Fixture) => void | Promise<void> = () => {},
): Promise<ProgramResult<Output>> {
  const { files = {}, env, through, ...rest } = spec
  await using fixture = await createFixture({
    as: role,
    files: {
      'worker.mjs': worker,
      'a.test.ts': '',
      'b.test.ts': '',
      'c.test.ts': '',
      'd.test.ts': '',
      ...files,
    },
  })
  const result = await program<Output>(
    role,
    'session',
    { scenario, root: fixture.dir, ...rest },
    env,
    through,
  )
  if (result.left.length > 0) throw new Error(`left behind: ${result.left.join(', ')}`)
  await look(fixture)
  return result
}
