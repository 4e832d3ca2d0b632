// @ts-check
/** Runs one command in a sandbox, described by JSON in the first argument, and prints how it ended as JSON. */
import { createSandbox } from '@glovebox/core'
import { profileWith } from './profile.mjs'

const { command, profile, options, env, cwd } = JSON.parse(process.argv[2] ?? '')

/** @type {string[]} */
const notices = []
/** @type {string[]} */
const hits = []
const sandbox = await createSandbox(options ?? profileWith(profile), {
  onNotice: (notice) => notices.push(notice),
})
sandbox.onLimit((limit) => hits.push(limit))
const child = await sandbox.run(command[0], command.slice(1), { ...(env && { env }), ...(cwd && { cwd }) })
const [stdout, stderr, ending] = await Promise.all([text(child.stdout), text(child.stderr), child.ended])
await sandbox.destroy()
console.log(JSON.stringify({ ending, stdout, stderr, notices, hits, pid: child.pid }))

/** @param {import('node:stream').Readable | undefined} stream */
async function text(stream) {
  let result = ''
  for await (const chunk of stream ?? []) result += chunk
  return result
}
