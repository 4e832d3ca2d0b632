import { expect, test } from 'vitest'
import { portsInUse } from './ports-in-use.js'

test.each([
  ['Error: listen EADDRINUSE: address already in use 127.0.0.1:5432', [5432]],
  ['Error: listen EADDRINUSE: address already in use :::80\n    at x (/a.js:1:2)', [80]],
  ['listen EADDRINUSE: address already in use ::1:80\nbind EADDRINUSE 0.0.0.0:81', [80, 81]],
  ['EADDRINUSE /tmp/socket', []],
  ['connect ECONNREFUSED 127.0.0.1:5432', []],
])('%j', (text, ports) => {
  expect(portsInUse(text)).toEqual(ports)
})
