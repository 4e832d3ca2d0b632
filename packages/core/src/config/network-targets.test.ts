import { expect, test } from 'vitest'
import { parseAllowed, parseForward } from './network-targets.js'

test.each([
  ['5432', { port: 5432, host: 'localhost', hostPort: 5432 }],
  [6379, { port: 6379, host: 'localhost', hostPort: 6379 }],
  ['DB.internal:5432', { port: 5432, host: 'db.internal', hostPort: 5432 }],
  ['15432:db:5432', { port: 15432, host: 'db', hostPort: 5432 }],
  ['[::1]:80', { port: 80, host: '::1', hostPort: 80 }],
  ['8080:[fe80::1]:80', { port: 8080, host: 'fe80::1', hostPort: 80 }],
  ['10.0.0.5:80', { port: 80, host: '10.0.0.5', hostPort: 80 }],
])('a forward of %s', (text, forward) => {
  expect(parseForward(text)).toEqual(forward)
})

test.each([
  '',
  'db',
  'db:',
  ':5432',
  '0',
  '65536',
  '99999:db:1',
  'a b:1',
  '[db]:1',
  '::1:80',
  '1:2:3:4',
  '-a:1',
  1.5,
  -1,
])('no forward: %j', (text) => {
  expect(parseForward(text)).toEqual(expect.any(String))
})

test.each([
  ['API.example.com:443', { name: 'api.example.com', port: 443 }],
  ['*.example.com:80', { name: '*.example.com', port: 80 }],
  ['*:443', { name: '*', port: 443 }],
  ['web:1', { name: 'web', port: 1 }],
  ['api.example.com:*', { name: 'api.example.com', port: '*' }],
  ['*.internal:*', { name: '*.internal', port: '*' }],
  ['*:*', { name: '*', port: '*' }],
])('an allowed name: %s', (text, allowed) => {
  expect(parseAllowed(text)).toEqual(allowed)
})

test.each([
  ['api.example.com', 'NAME:PORT'],
  ['api.example.com:4*', '65535'],
  ['api.example.com:0', '65535'],
  ['10.0.0.1:443', 'network.forward'],
  ['[::1]:443', 'network.forward'],
  ['localhost:5432', 'network.forward'],
  ['a.*.com:443', 'first part'],
  ['https://a.com:443', 'host name'],
])('no allowed name: %s', (text, complaint) => {
  expect(parseAllowed(text)).toContain(complaint)
})
