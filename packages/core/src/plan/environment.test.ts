import { expect, test } from 'vitest'
import { type EnvironmentInput, resolveEnvironment } from './environment.js'

function environment(changes: Partial<EnvironmentInput>): Record<string, string> {
  return resolveEnvironment({
    options: undefined,
    inherited: {},
    home: '/home/me',
    user: 'caller',
    tmpdir: '/tmp',
    hostname: 'glovebox',
    cwd: '/app',
    reach: (directory) => directory,
    ...changes,
  })
}

test('the runner’s environment is inherited, with the sandbox’s own home and host name', () => {
  const inherited = {
    A: '1',
    MY_TOKEN: 'x',
    GONE: undefined,
    HOME: '/elsewhere',
    HOSTNAME: 'host',
    PWD: '/elsewhere',
  }
  expect(environment({ inherited })).toEqual({
    A: '1',
    MY_TOKEN: 'x',
    HOME: '/home/me',
    HOSTNAME: 'glovebox',
    PWD: '/app',
  })
})

test('TMPDIR is there if the runner has it or the place is another', () => {
  expect(environment({})).not.toHaveProperty('TMPDIR')
  expect(environment({ inherited: { TMPDIR: '/missing' } }).TMPDIR).toBe('/tmp')
  expect(environment({ tmpdir: '/scratch' }).TMPDIR).toBe('/scratch')
})

test('addresses of hidden agents are taken away', () => {
  const inherited = { SSH_AUTH_SOCK: '/x', SSH_AGENT_PID: '1', DBUS_SESSION_BUS_ADDRESS: 'unix:path=/x' }
  expect(environment({ inherited })).toEqual({ HOME: '/home/me', HOSTNAME: 'glovebox' })
})

test.each([
  'NPM_TOKEN',
  'TOKEN',
  'CLIENT_SECRET',
  'STRIPE_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'DB_PASSWORD',
  'PGPASSWORD',
  'MYSQL_PWD',
  'OPENAI_APIKEY',
  'GOOGLE_CREDENTIALS',
  'GITHUB_PAT',
  'NPM_CONFIG__AUTH',
  'npm_config_//registry/:_authToken',
  'SIGNING_PASSPHRASE',
])('clean leaves %s out', (name) => {
  const env = environment({ options: { base: 'clean' }, inherited: { [name]: 'x' } })
  expect(env).not.toHaveProperty([name])
})

test.each(['PATH', 'KEYBOARD', 'MONKEY', 'OLDPWD', 'AUTHOR', 'PATIENCE', 'CI', 'TZ', 'TOKENIZER', 'COMPAT'])(
  'clean keeps %s',
  (name) => {
    const env = environment({ options: { base: 'clean' }, inherited: { [name]: 'x' } })
    expect(env).toHaveProperty([name], 'x')
  },
)

test('the name of the user is that of the user inside', () => {
  const inherited = { USER: 'me', LOGNAME: 'me' }
  expect(environment({ inherited })).toMatchObject(inherited)
  expect(environment({ inherited, user: 'root' })).toMatchObject({ USER: 'root', LOGNAME: 'root' })
  expect(environment({ user: 'root' })).not.toHaveProperty('USER')
})

test('unset and keep take patterns; set comes last', () => {
  const env = environment({
    options: {
      base: 'clean',
      keep: ['PUBLIC_*'],
      unset: ['AWS_*', 'A'],
      set: { TZ: 'UTC', HOME: '/h', NEW_TOKEN: 't' },
    },
    inherited: { PUBLIC_KEY: 'k', AWS_REGION: 'x', A: '1', AB: '2', TZ: 'CET' },
  })
  expect(env).toEqual({
    PUBLIC_KEY: 'k',
    AB: '2',
    TZ: 'UTC',
    HOME: '/h',
    NEW_TOKEN: 't',
    HOSTNAME: 'glovebox',
  })
})

test('entries of PATH are those that can be reached', () => {
  const reach = (directory: string) => (directory === '/run/link' ? '/opt/node/bin' : directory)
  expect(environment({ inherited: { PATH: '/run/link:/usr/bin' }, reach }).PATH).toBe(
    '/opt/node/bin:/usr/bin',
  )
})
