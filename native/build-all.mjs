// Before `npm pack`: the supervisor for every architecture whose compiler is there. The machine's own is a must, others are left out with a word.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const build = fileURLToPath(new URL('build.mjs', import.meta.url))
for (const target of new Set([process.arch, 'x64', 'arm64'])) {
  const { status } = spawnSync(process.execPath, [build, `--target=${target}`], { stdio: 'inherit' })
  if (status === 0) continue
  if (target === process.arch) process.exit(1)
  console.error(`glovebox: left out of the package: linux-${target}`)
}
