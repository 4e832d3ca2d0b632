/** `glovebox run` is transparent: exit status, arguments, environment, standard streams. */
import { describe, expect, test } from 'vitest'
import { createFixture } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'
import type { Role } from '../harness/users.js'
import { cli, glovebox } from './cli.js'

describe.each<Role>(['root', 'user'])('as %s', (as) => {
  requires(as)

  test.each([
    ['true', 0],
    ['exit 3', 3],
    ['exit 125', 125],
    ['kill -TERM $$', 143],
    ['kill -KILL $$', 137],
    ['kill -SEGV $$', 139],
    ['kill -INT $$', 130],
  ])('%s ends with %i', async (script, status) => {
    expect(await glovebox('', ['sh', '-c', script], { as })).toMatchObject({
      status,
      signal: null,
      stdout: '',
      stderr: '',
    })
  })

  test('a command that is not there ends with 127 and is named', async () => {
    const { status, stderr } = await glovebox('', ['no-such-command'], { as })
    expect(stderr).toBe('glovebox: no-such-command cannot be executed: ENOENT\n')
    expect(status).toBe(127)
  })

  test('a file that is not executable ends with 126', async () => {
    await using fixture = await createFixture({ as, files: { script: 'echo no\n' } })
    const { status, stderr } = await glovebox('', ['./script'], { as, cwd: fixture.dir })
    expect(stderr).toBe('glovebox: ./script cannot be executed: EACCES\n')
    expect(status).toBe(126)
  })

  test('arguments arrive as they were given', async () => {
    const words = ['a b', '', '--usage', '$HOME', "it's", '*']
    const { stdout } = await glovebox('', ['printf', '<%s>', ...words], { as })
    expect(stdout).toBe(words.map((word) => `<${word}>`).join(''))
  })

  test('the separator may be left out', async () => {
    expect(await cli(['run', '--hostname', 'box', 'sh', '-c', 'hostname; exit 7'], { as })).toMatchObject({
      status: 7,
      stdout: 'box\n',
    })
  })

  test('stdin, stdout and stderr are the caller’s own', async () => {
    const result = await glovebox('', ['sh', '-c', 'cat; echo bad >&2'], { as, input: 'hello' })
    expect(result).toMatchObject({ status: 0, stdout: 'hello', stderr: 'bad\n' })
  })

  test('the environment is passed on, and -e adds to it', async () => {
    const { stdout } = await glovebox('-e B=2', ['sh', '-c', 'echo $A $B'], { as, env: { A: '1' } })
    expect(stdout).toBe('1 2\n')
  })

  test('--clean-env drops secrets, and -e NAME lets one through', async () => {
    const env = { NPM_TOKEN: 't', API_KEY: 'k', PLAIN: 'p' }
    const script = ['sh', '-c', 'echo [$NPM_TOKEN] [$API_KEY] [$PLAIN]']
    expect((await glovebox('', script, { as, env })).stdout).toBe('[t] [k] [p]\n')
    expect((await glovebox('--clean-env -e API_KEY', script, { as, env })).stdout).toBe('[] [k] [p]\n')
  })

  test('the working directory is the caller’s, --cwd and -w choose another', async () => {
    await using fixture = await createFixture({ as, files: { 'sub/file': '' } })
    const { dir } = fixture
    const where = async (flags: string): Promise<string> =>
      (await glovebox(flags, ['pwd'], { as, cwd: dir })).stdout
    expect(await where('')).toBe(`${dir}\n`)
    expect(await where('--cwd sub')).toBe(`${dir}/sub\n`)
    expect(await where(`-w ${dir}/sub`)).toBe(`${dir}/sub\n`)
  })

  test('--umask sets the mask', async () => {
    expect((await glovebox('--umask 027', ['sh', '-c', 'umask'], { as })).stdout).toBe('0027\n')
  })

  test('the caller stays who it is, and --user root makes it 0', async () => {
    const id = as === 'root' ? '0' : String((await import('../harness/users.js')).identityOf(as).uid)
    expect((await glovebox('', ['id', '-u'], { as })).stdout).toBe(`${id}\n`)
    expect((await glovebox('--user root', ['id', '-u'], { as })).stdout).toBe('0\n')
  })
})
