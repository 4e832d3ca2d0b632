// @ts-check
/** Builds the unit tests and the fuzzers of the native part into native/build/test, each only when its inputs changed. */
import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const here = dirname(fileURLToPath(import.meta.url))
const native = dirname(here)
const output = join(native, 'build', 'test')

const cgroup = readdirSync(native).filter((name) => /^cgroup.*\.c$/.test(name))
const world = ['test/tap.c', 'test/cgroup_world.c', 'error.c', ...cgroup]

/** Program → its sources, relative to native/. */
const sources = {
  decode: ['test/tap.c', 'test/decode_test.c', 'decode.c'],
  'cgroup-limits': [...world, 'test/cgroup_limits_test.c'],
  'cgroup-devices': [...world, 'test/cgroup_devices_test.c'],
  'cgroup-base': [...world, 'test/cgroup_base_test.c'],
  network: [
    'test/tap.c',
    'test/network_test.c',
    'dns.c',
    'lookup.c',
    'policy.c',
    'queue.c',
    'decode.c',
    'error.c',
  ],
  sample: ['test/tap.c', 'test/sample_test.c', 'sample.c', 'cgroup_file.c', 'cgroup_tables.c', 'error.c'],
  threads: ['test/tap.c', 'test/threads_test.c', 'fork/threads.c'],
  'run-dir': ['test/tap.c', 'test/run_dir_test.c', 'run_dir.c', 'error.c'],
  seccomp: ['test/tap.c', 'test/seccomp_test.c', 'seccomp.c'],
  'decode-fuzz': ['test/decode_fuzz.c', 'decode.c'],
  'dns-fuzz': ['test/dns_fuzz.c', 'dns.c', 'policy.c', 'decode.c', 'error.c'],
}

/** @typedef {'decode' | 'dns'} Fuzzer */
/** @typedef {Exclude<keyof typeof sources, `${Fuzzer}-fuzz`>} UnitProgram */
/** @typedef {'plain' | 'sanitized' | 'arm64'} Flavour `arm64`: static, for an emulator */

/** @type {readonly UnitProgram[]} */
export const unitPrograms = [
  'decode',
  'network',
  'cgroup-limits',
  'cgroup-devices',
  'cgroup-base',
  'run-dir',
  'sample',
  'seccomp',
  'threads',
]

const base = ['-std=c11', '-D_GNU_SOURCE', '-g', '-O1', '-Wall', '-Wextra', '-Werror', '-pthread']
const sanitizers = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-fno-omit-frame-pointer']

/** Cases leave memory behind on purpose and end with exit(): leaks say nothing. */
export const sanitizerEnvironment = { ASAN_OPTIONS: 'detect_leaks=0', UBSAN_OPTIONS: 'print_stacktrace=1' }

/**
 * Rejects with what the compiler said.
 * @param {UnitProgram} program
 * @param {Flavour} [flavour]
 * @returns {Promise<string>} path of the executable
 */
export function buildUnit(program, flavour = 'plain') {
  const extra = { plain: [], sanitized: sanitizers, arm64: ['-static'] }[flavour]
  const compiler = flavour === 'arm64' ? 'aarch64-linux-gnu-gcc' : (process.env.CC ?? 'cc')
  return compile(compiler, [...base, ...extra], sources[program], `${program}-${flavour}`)
}

/** @type {readonly Fuzzer[]} */
export const fuzzers = ['decode', 'dns']

/**
 * What a fuzzer is given: where to put what it finds, its kept corpus, and how long it may take.
 * @param {Fuzzer} fuzzer
 * @param {string} found
 * @param {number} seconds
 */
export function fuzzerArguments(fuzzer, found, seconds) {
  const of = { decode: { corpus: 'corpus', longest: 8192 }, dns: { corpus: 'corpus-dns', longest: 600 } }
  const { corpus, longest } = of[fuzzer]
  const words = fuzzer === 'decode' ? [`-dict=${join(here, 'decode.dict')}`] : []
  return [`-max_total_time=${seconds}`, `-max_len=${longest}`, ...words, found, join(here, corpus)]
}

/**
 * The fuzzers need clang with libFuzzer.
 * @param {Fuzzer} fuzzer
 * @param {'genuine' | 'planted'} [code] `planted`: with a fault, to see that the fuzzer would notice
 * @returns {Promise<string>} path of the executable
 */
export function buildFuzzer(fuzzer, code = 'genuine') {
  const flags = [...base, '-fsanitize=fuzzer,address,undefined', '-fno-sanitize-recover=all']
  const plant = code === 'planted' ? ['-DGBTEST_PLANTED_FAULT'] : []
  return compile('clang', [...flags, ...plant], sources[`${fuzzer}-fuzz`], `${fuzzer}-fuzz-${code}`)
}

/**
 * The supervisor with faults.c, which says how to make one of its system calls fail. It lies at an address where no program that it executes
 * has its code.
 * @returns {Promise<string>} path of the executable
 */
export function buildFaulty() {
  const supervisor = readdirSync(native).filter((name) => name.endsWith('.c'))
  const place = ['-static', '-no-pie', '-Wl,-Ttext-segment=0x60000000']
  return compile(
    process.env.CC ?? 'cc',
    [...base, ...place],
    ['test/faults.c', ...supervisor],
    'supervisor-faulty',
  )
}

/**
 * @param {string} compiler may hold arguments
 * @param {readonly string[]} flags
 * @param {readonly string[]} files
 * @param {string} name
 */
async function compile(compiler, flags, files, name) {
  const target = join(output, name)
  if (isCurrent(target)) return target
  mkdirSync(output, { recursive: true })
  const temporary = `${target}.${process.pid}.tmp`
  const [command, ...args] = compiler.trim().split(/\s+/)
  await run(command ?? 'cc', [...args, ...flags, '-o', temporary, ...files], { cwd: native })
  renameSync(temporary, target)
  return target
}

/** @param {string} target */
function isCurrent(target) {
  const built = statSync(target, { throwIfNoEntry: false })?.mtimeMs
  const inputs = [native, join(native, 'fork'), here].flatMap((dir) =>
    readdirSync(dir)
      .filter((name) => /\.(c|h|mjs)$/.test(name))
      .map((name) => join(dir, name)),
  )
  return built !== undefined && inputs.every((input) => statSync(input).mtimeMs <= built)
}
