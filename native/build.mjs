// Builds the supervisor and the fork-server library with the C compiler that is there. No make: a fresh machine may have none.
//   node native/build.mjs [--sanitize] [--target=arm64|x64] [--force]
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const native = dirname(fileURLToPath(import.meta.url))
const root = dirname(native)
const { values: options } = parseArgs({
  options: {
    sanitize: { type: 'boolean', default: false },
    target: { type: 'string', default: process.arch },
    force: { type: 'boolean', default: false },
  },
})

const triples = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }

/** Ends the build without failing `npm ci`: elsewhere Glovebox says so itself when it is used. */
function skip(message) {
  console.log(`glovebox: ${message}`)
  process.exit(0)
}

function fail(message) {
  console.error(`glovebox: ${message}`)
  process.exit(1)
}

function compilers() {
  if (options.target !== process.arch) return [`${triples[options.target]}-gcc`]
  return [process.env.CC, 'cc', 'gcc', 'clang'].filter(Boolean)
}

/** The first compiler that runs, as [command, ...arguments]: $CC may hold arguments. */
function findCompiler() {
  for (const candidate of compilers()) {
    const [command, ...args] = candidate.trim().split(/\s+/)
    if (spawnSync(command, [...args, '--version'], { stdio: 'ignore' }).status === 0)
      return [command, ...args]
  }
  return undefined
}

const warnings = ['-Wall', '-Wextra', '-Werror']
const reproducible = [`-ffile-prefix-map=${native}=.`, '-Wl,--build-id=none', '-Wl,-s']
const hardening = [
  '-U_FORTIFY_SOURCE',
  '-D_FORTIFY_SOURCE=2',
  '-fstack-protector-strong',
  '-Wl,-z,relro',
  '-Wl,-z,now',
  '-Wl,-z,noexecstack',
]
// The init's leak checker would look at a process that was forked away.
const sanitizers = [
  '-fsanitize=address,undefined',
  '-fno-sanitize-recover=all',
  '-fno-omit-frame-pointer',
  '-g',
]

function plan() {
  const { version } = JSON.parse(readFileSync(join(root, 'packages/core/package.json'), 'utf8'))
  const common = ['-std=c11', '-D_GNU_SOURCE', `-DGB_VERSION="${version}"`, ...warnings]
  if (options.sanitize) {
    return {
      supervisor: join(native, 'build', 'glovebox-supervisor-sanitized'),
      flags: [...common, '-O1', ...sanitizers],
      link: [],
    }
  }
  const directory = join(root, 'packages/core/prebuilds', `linux-${options.target}`)
  return {
    supervisor: join(directory, 'glovebox-supervisor'),
    library: join(directory, 'glovebox-fork.so'),
    flags: [...common, '-O2', ...hardening, ...reproducible],
    // At a place that differs each time it is started, and with no dynamic linker all the same.
    link: ['-static-pie', '-fPIE'],
  }
}

const filesOf = (folder) => readdirSync(join(native, folder)).map((name) => join(folder, name))
const files = [...filesOf('.'), ...filesOf('fork')].filter((name) => /\.[ch]$/.test(name)).sort()
const sources = files.filter((name) => name.endsWith('.c') && !name.startsWith('fork/'))
/** What of the supervisor a worker forked from a template needs as well. */
const shared = [
  'confine.c',
  'decode.c',
  'error.c',
  'message.c',
  'namespace.c',
  'seccomp.c',
  'watch_connects.c',
]
const librarySources = [...files.filter((name) => /^fork\/.*\.c$/.test(name)), ...shared]
const inputs = [...files, 'build.mjs', '../packages/core/package.json']

function isCurrent(output) {
  if (output === undefined) return true
  const built = statSync(output, { throwIfNoEntry: false })?.mtimeMs
  return built !== undefined && inputs.every((name) => statSync(join(native, name)).mtimeMs <= built)
}

function compile([command, ...args], flags, link, output, sources) {
  const temporary = `${output}.${process.pid}.tmp`
  const result = spawnSync(command, [...args, ...flags, ...link, '-o', temporary, ...sources], {
    cwd: native,
    encoding: 'utf8',
  })
  // A rename, so that a supervisor that runs keeps its file and another build beside this one does no harm.
  if (result.status === 0) renameSync(temporary, output)
  return result
}

if (process.platform !== 'linux') {
  skip(`the supervisor runs on Linux only, so it is not built on ${process.platform}.`)
}
if (!(options.target in triples))
  fail(`there is no supervisor for ${options.target}; it can be built for x64 and arm64.`)
const { supervisor, library, flags, link } = plan()
if (!options.force && isCurrent(supervisor) && isCurrent(library)) process.exit(0)

const compiler = findCompiler()
if (!compiler) {
  fail(`no C compiler found (tried ${compilers().join(', ')}). Install one:
  Debian, Ubuntu:  apt-get install gcc libc6-dev${options.target === process.arch ? '' : `   (here: gcc-${triples[options.target].replace('_', '-')})`}
  Fedora:          dnf install gcc glibc-static
  Alpine:          apk add gcc musl-dev linux-headers`)
}
mkdirSync(dirname(supervisor), { recursive: true })
let result = compile(compiler, flags, link, supervisor, sources)
if (
  result.status !== 0 &&
  link.length > 0 &&
  /cannot find.*-lc\b|unable to find library -lc\b/.test(result.stderr)
) {
  console.log(
    'glovebox: no static C library (Fedora: glibc-static), so the supervisor is linked dynamically and runs on this system only.',
  )
  result = compile(compiler, flags, ['-pie', '-fPIE'], supervisor, sources)
}
if (result.status !== 0) {
  fail(`${compiler.join(' ')} could not build the supervisor:\n${result.error?.message ?? result.stderr}`)
}
console.log(`glovebox: built ${relative(root, supervisor)}`)
if (library !== undefined) {
  // Resolved at run time: uv_default_loop and uv_loop_fork, by the Node.js executable.
  const dynamic = ['-shared', '-fPIC', '-fvisibility=hidden']
  const built = compile(compiler, [...flags, ...dynamic], ['-ldl', '-lpthread'], library, librarySources)
  // Without it workers are started afresh.
  if (built.status === 0) console.log(`glovebox: built ${relative(root, library)}`)
  else console.log(`glovebox: no fork server: ${compiler.join(' ')} could not build it:\n${built.stderr}`)
}
