/** What a file cannot reach of the host: sockets, credentials, homes; and what options show and hide. The runner's own pool is the control. */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Fixture } from '../harness/fixture.js'
import { requires } from '../harness/requires.js'
import { moduleOf, type Run } from '../harness/run-vitest.js'
import { identityOf } from '../harness/users.js'
import { type Cell, config, createProject, eachCell, run } from '../vitest/support.js'

/** Asks for everything once and says what it learned. */
const probe = `
import { test } from 'vitest'
import fs from 'node:fs'
import net from 'node:net'
const { place, name, home } = JSON.parse(process.env.PROBE)
const answer = (path) => new Promise((resolve) => {
  const socket = net.connect({ path })
  socket.once('data', (data) => { socket.destroy(); resolve(String(data)) })
  socket.once('error', (error) => resolve(error.code))
})
const text = (path) => { try { return fs.readFileSync(path, 'utf8') } catch (error) { return error.code } }
const writes = (path) => { try { fs.writeFileSync(path, 'inside'); return 'written' } catch (error) { return error.code } }
// Vitest's main process, outside of the sandbox, is who reads it.
const imported = (path) => import(/* @vite-ignore */ path + '?raw').then(
  (module) => module.default,
  ({ message }) => /Glovebox hides/.exec(message)?.[0] ?? message,
)
test('probe', async ({ task }) => {
  task.meta.facts = {
    service: await answer(place + '/service.sock'),
    agent: process.env.SSH_AUTH_SOCK ?? 'unset',
    abstract: await answer('\\0' + name),
    project: await answer('project.sock'),
    bound: await answer('run/service.sock'),
    listed: await answer(place + '/listed/service.sock'),
    key: text(home + '/.ssh/id_ed25519'),
    npmrc: text(home + '/.npmrc'),
    secret: text(place + '/secret/token'),
    imported: await imported(place + '/secret/token'),
    importedKey: await imported(home + '/.ssh/id_ed25519'),
    visible: text(place + '/visible.txt'),
    writable: writes(place + '/writable/file.txt'),
    elsewhere: writes(place + '/visible.txt'),
  }
})
`

const reachable = {
  service: 'hello',
  agent: '/run/agent.sock',
  abstract: 'hello',
  project: 'hello',
  bound: 'hello',
  listed: 'hello',
  key: 'private key',
  npmrc: 'token',
  secret: 'secret',
  imported: 'secret',
  importedKey: 'private key',
  visible: 'visible',
  writable: 'written',
  elsewhere: 'written',
}

/** A directory of the host that no default hides, with sockets that answer everybody. */
class Place {
  readonly dir: string = mkdtempSync('/opt/gbtest-')
  readonly #servers: Server[] = []

  write(path: string, content: string): void {
    writeFileSync(join(this.dir, path), content)
  }

  async listen(path: string): Promise<void> {
    const server = createServer((socket) => socket.on('error', () => {}).end('hello'))
    this.#servers.push(server)
    await new Promise<void>((resolve) => server.listen({ path, writableAll: path.startsWith('/') }, resolve))
  }

  remove(): void {
    for (const server of this.#servers) server.close()
    rmSync(this.dir, { recursive: true, force: true })
  }
}

function factsOf(result: Run): unknown {
  return moduleOf(result, 'probe.test.ts').assertionResults[0]?.meta?.facts
}

requires('root') // to make a directory outside all homes

eachCell((cell: Cell, available) => {
  let place: Place
  let project: Fixture
  let plain: Run
  let boxed: Run

  beforeAll(async () => {
    if (!available) return
    place = new Place()
    for (const directory of ['secret', 'writable', 'listed', 'home']) mkdirSync(join(place.dir, directory))
    chmodSync(place.dir, 0o755)
    place.write('secret/token', 'secret')
    place.write('visible.txt', 'visible')
    const { uid, gid } = identityOf(cell.as)
    for (const path of ['visible.txt', 'writable']) chownSync(join(place.dir, path), uid, gid)
    const { dir } = place
    const options = {
      hide: [`${dir}/secret`],
      writable: [`${dir}/writable`],
      readonly: [`${dir}/listed`, 'run'],
    }
    project = await createProject(cell, {
      'vitest.config.ts': config('{}', JSON.stringify({ filesystem: options })),
      'probe.test.ts': probe,
      '.ssh/id_ed25519': 'private key',
      '.npmrc': 'token',
      'run/.keep': '',
    })
    // Versions of Node.js differ in how they end a name that is shorter.
    const name = `${dir}-abstract`.padEnd(107, '-')
    for (const path of [`${dir}/service.sock`, `${dir}/listed/service.sock`, `\0${name}`])
      await place.listen(path)
    for (const path of ['project.sock', 'run/service.sock']) await place.listen(project.path(path))
    // The home directory is the project: elsewhere all of it is hidden anyway.
    const env = {
      HOME: project.dir,
      SSH_AUTH_SOCK: '/run/agent.sock',
      PROBE: JSON.stringify({ place: dir, name, home: project.dir }),
    }
    plain = await run(cell, project, [], { env: { ...env, PLAIN: '1' } })
    place.write('visible.txt', 'visible')
    rmSync(join(dir, 'writable/file.txt'), { force: true })
    boxed = await run(cell, project, [], { env })
  })
  afterAll(async () => {
    place?.remove()
    await project?.remove()
  })

  test('everything is reachable without Glovebox', () => {
    expect(factsOf(plain)).toEqual(reachable)
  })

  test('with it sockets refuse, credentials are gone, and only what is listed may be written', () => {
    // What is masked is a file that nobody may open.
    expect(factsOf(boxed)).toEqual({
      ...reachable,
      service: 'EACCES',
      agent: 'unset',
      abstract: 'ECONNREFUSED',
      project: 'ECONNREFUSED',
      key: 'ENOENT',
      npmrc: 'EACCES',
      secret: 'ENOENT',
      imported: 'Glovebox hides',
      importedKey: 'Glovebox hides',
      elsewhere: 'EROFS',
    })
    expect(readFileSync(join(place.dir, 'writable/file.txt'), 'utf8')).toBe('inside')
    expect(readFileSync(join(place.dir, 'visible.txt'), 'utf8')).toBe('visible')
    expect(existsSync(project.path('.npmrc'))).toBe(true)
  })
})
