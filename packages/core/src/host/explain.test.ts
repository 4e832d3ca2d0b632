import { expect, test } from 'vitest'
import { EPERM, failureOf, kindOf, supervisorPath } from '../../../../test/cli/simulated-hosts.js'
import { explainFailure } from './explain.js'

const EMFILE = 24
const ENOSPC = 28
const EIO = 5

test('a refusal names stage, errno and path, and says what to type here', () => {
  const kind = kindOf({
    sysctls: { apparmorRestrictsUserns: 1, unprivilegedUsernsClone: undefined, maxUserNamespaces: 1000 },
  })
  const error = explainFailure(failureOf('write-id-map', EPERM, '/proc/7/uid_map'), kind, supervisorPath)
  expect(error?.code).toBe('GLOVEBOX_UNSUPPORTED_HOST')
  expect(error?.message).toMatch(
    /write-id-map failed with EPERM \(\/proc\/7\/uid_map\)[\s\S]*apparmor_parser[\s\S]*glovebox doctor/,
  )
})

test('no user namespaces left looks like a full disk to the kernel, and is told apart', () => {
  const none = kindOf({
    sysctls: { apparmorRestrictsUserns: undefined, unprivilegedUsernsClone: undefined, maxUserNamespaces: 0 },
  })
  expect(explainFailure(failureOf('clone', ENOSPC), none, supervisorPath)?.message).toContain(
    'user.max_user_namespaces',
  )
  const full = explainFailure(failureOf('run-directory', ENOSPC, '/tmp/glovebox-x'), none, supervisorPath)
  expect(full).toMatchObject({ code: 'GLOVEBOX_SANDBOX', remedy: expect.stringContaining('TMPDIR') })
})

test('want of descriptors has a remedy of its own', () => {
  expect(explainFailure(failureOf('connect', EMFILE), kindOf(), supervisorPath)?.remedy).toContain(
    'ulimit -n',
  )
})

test.each([
  ['clone-supervisor', false, /a sandbox of Glovebox itself.*: nestedSandboxes: true;/],
  ['clone-supervisor', true, /a sandbox of Glovebox itself.*: nestedSandboxes: true;/],
  ['mount-proc', true, /run the outer suite as an ordinary user, with nestedSandboxes: true;/],
])('in a sandbox of our own, %s of root %s is told what allows it', (stage, root, remedy) => {
  const kind = kindOf({ container: 'glovebox', root })
  expect(explainFailure(failureOf(stage, EPERM), kind, supervisorPath)?.remedy).toMatch(remedy)
})

test('what the host does not explain is left alone', () => {
  expect(explainFailure(failureOf('read', EIO), kindOf(), supervisorPath)).toBeUndefined()
})

test('a refusal that concerns a path of the user’s is not blamed on namespaces', () => {
  expect(explainFailure(failureOf('mount-bind', 13, '/home/eve'), kindOf(), supervisorPath)).toBeUndefined()
})

test('an overlay that the directory’s file system does not bear has a remedy', () => {
  const error = explainFailure(failureOf('mount-overlay', 22, '/app'), kindOf(), supervisorPath)
  expect(error?.code).toBe('GLOVEBOX_UNSUPPORTED_HOST')
  expect(error?.message).toMatch(/EINVAL \(\/app\)[\s\S]*filesystem\.project to readonly or direct/)
})

test('an overlay without the module has a remedy of its own', () => {
  const error = explainFailure(failureOf('mount-overlay', 19, '/app'), kindOf(), supervisorPath)
  expect(error?.message).toMatch(/ENODEV[\s\S]*modprobe overlay/)
})
