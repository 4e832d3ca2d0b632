/** What a command sees under `glovebox run`, each with the same act without it. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import { describe, expect, test } from 'vitest'
import { createFixture } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'
import { identityOf, type Role } from '../harness/users.js'
import { type CliResult, glovebox } from './cli.js'

describe.each<Role>(['root', 'user'])('as %s', (as) => {
  requires(as)

  test('the hostname is its own', async () => {
    expect((await glovebox('', ['hostname'], { as })).stdout).toBe('glovebox\n')
    expect((await glovebox('--hostname box', ['hostname'], { as })).stdout).toBe('box\n')
    expect(hostname()).not.toMatch(/^(glovebox|box)$/)
  })

  test('without a network a server of the host is out of reach, with the host’s it answers', async () => {
    const server = createServer((_, response) => response.end('pong'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const get = `fetch('http://127.0.0.1:${port}').then(r => r.text()).then(console.log, e => console.log(e.cause.code))`
    try {
      expect((await glovebox('--network host', [process.execPath, '-e', get], { as })).stdout).toBe('pong\n')
      expect((await glovebox('--network none', [process.execPath, '-e', get], { as })).stdout).toBe(
        'ECONNREFUSED\n',
      )
    } finally {
      server.close()
    }
  })

  test('/tmp is private, and gone afterwards', async () => {
    const file = `/tmp/gbtest-cli-${process.pid}`
    const { stdout } = await glovebox('', ['sh', '-c', `echo kept > ${file}; cat ${file}; ls -A /tmp`], {
      as,
    })
    expect(stdout).toBe(`kept\n${file.slice(5)}\n`)
    expect(existsSync(file)).toBe(false)
  })

  test('only its own processes are visible', async () => {
    const { stdout } = await glovebox('', ['sh', '-c', 'ls -d /proc/[0-9]* | wc -l'], { as })
    expect(Number(stdout)).toBeLessThan(6)
  })

  test.each([
    ['direct', 'new\n', 0],
    ['overlay', 'old\n', 0],
    ['readonly', 'old\n', 2],
  ] as const)('--project %s', async (mode, content, status) => {
    await using fixture = await createFixture({ as, files: { file: 'old\n' } })
    const write = await glovebox(`--project ${mode}`, ['sh', '-c', 'echo new > file && cat file'], {
      as,
      cwd: fixture.dir,
    })
    expect(await fixture.read('file')).toBe(content)
    expect(write).toMatchObject({ status, stdout: status === 0 ? 'new\n' : '' })
  })

  test('the project is kept by default, what lies beside it is read-only, and --writable opens it', async () => {
    await using fixture = await createFixture({ as })
    await using other = await createFixture({ as, files: { file: 'old\n' } })
    const write = (flags: string): Promise<{ status: number | null }> =>
      glovebox(flags, ['sh', '-c', `echo new > ${other.dir}/file; echo mine > ${fixture.dir}/mine`], {
        as,
        cwd: fixture.dir,
      })
    await write('')
    expect(await other.read('file')).toBe('old\n')
    expect(await fixture.read('mine')).toBe('mine\n')
    await write(`--writable ${other.dir}`)
    expect(await other.read('file')).toBe('new\n')
  })

  test('what is not a project is protected: the root is read-only, writes to the home directory are discarded', async () => {
    const { home } = identityOf(as)
    const name = `gbtest-${process.pid}`
    const write = (flags: string, cwd: string): Promise<CliResult> =>
      glovebox(flags, ['sh', '-c', `echo new > ${name} && cat ${name}`], { as, cwd })
    expect(await write('', '/')).toMatchObject({ stdout: '', stderr: expect.stringContaining('Read-only') })
    const discarded = await write('', home)
    expect(discarded.stdout).toBe('new\n')
    expect(discarded.stderr).toContain(`${home} is not taken for a project`)
    expect(existsSync(`${home}/${name}`)).toBe(false)
    try {
      expect((await write('--project direct', home)).stderr).toBe('')
      expect(existsSync(`${home}/${name}`)).toBe(true)
    } finally {
      rmSync(`${home}/${name}`, { force: true })
    }
  })

  test('--hide hides', async () => {
    await using fixture = await createFixture({ as, files: { 'secret/key': 'k\n', plain: 'p\n' } })
    const { stdout } = await glovebox('--hide secret', ['sh', '-c', 'cat plain; ls secret'], {
      as,
      cwd: fixture.dir,
    })
    expect(stdout).toBe('p\n')
  })

  test('--clock-offset moves the clock that says how long the machine is up', async () => {
    const uptime = ['cut', '-d.', '-f1', '/proc/uptime']
    const here = Number(execFileSync('cut', ['-d.', '-f1', '/proc/uptime']))
    const there = Number((await glovebox('--clock-offset 10d', uptime, { as })).stdout)
    expect(there - here).toBeGreaterThanOrEqual(10 * 86400)
    expect(there - here).toBeLessThan(10 * 86400 + 3600)
  })
})

const probe = `
#include <stdio.h>
#include <dirent.h>
#include <unistd.h>
int main(int argc, char **argv) {
  char name[64] = "", cwd[256] = "";
  gethostname(name, sizeof name);
  printf("%s %s", name, getcwd(cwd, sizeof cwd));
  DIR *root = opendir("/");
  for (struct dirent *entry; root && (entry = readdir(root));)
    if (entry->d_name[0] != '.') printf(" %s", entry->d_name);
  printf(access("/usr/own", F_OK) == 0 && access("/usr/bin", F_OK) != 0 ? " own-usr" : " other-usr");
  FILE *file = fopen("/data/note", "w");
  printf(" %s\\n", file && fputs("changed", file) >= 0 && fclose(file) == 0 ? "wrote" : "refused");
  return argc;
}
`

describe.each<Role>(['root', 'user'])('--root as %s', (as) => {
  requires(as, 'cc')

  async function rootfs(): Promise<Awaited<ReturnType<typeof createFixture>>> {
    const fixture = await createFixture({
      as,
      files: { 'rootfs/data/note': 'first', 'rootfs/usr/own': '', 'probe.c': probe },
    })
    execFileSync('cc', ['-static', '-o', fixture.path('rootfs/probe'), fixture.path('probe.c')])
    return fixture
  }

  test('the directory becomes /, with nothing of the host’s, and its changes are discarded', async () => {
    await using fixture = await rootfs()
    const { status, stdout } = await glovebox('--root rootfs --hostname box', ['/probe', 'x'], {
      as,
      cwd: fixture.dir,
    })
    expect(stdout).toMatch(/^box \/ /)
    const seen = stdout.trim().split(' ').slice(2)
    expect(seen.at(-1)).toBe('wrote')
    expect(seen).toEqual(expect.arrayContaining(['data', 'probe', 'own-usr']))
    expect(seen).not.toContain('bin')
    expect(status).toBe(2)
    expect(readFileSync(fixture.path('rootfs/data/note'), 'utf8')).toBe('first')
  })

  test('--cwd is meant inside', async () => {
    await using fixture = await rootfs()
    const { stdout } = await glovebox('--root rootfs --cwd /data', ['/probe'], { as, cwd: fixture.dir })
    expect(stdout).toMatch(/^glovebox \/data /)
  })

  test('a program of the host’s is not there', async () => {
    await using fixture = await rootfs()
    expect(await glovebox('--root rootfs', ['/bin/sh'], { as, cwd: fixture.dir })).toMatchObject({
      status: 127,
    })
  })
})
