/** For both runners. Evaluated by the runner itself, which the attempts aim at. */
import { createServer } from 'node:net'

// By the same version of Node.js as the tests: they do not agree on how long such a name is.
createServer()
  .listen({ path: `\0${process.env.HOST_ABSTRACT}` })
  .unref()
process.env.RUNNER_PID = String(process.pid)

export const options = {}
export const maxWorkers = 1
