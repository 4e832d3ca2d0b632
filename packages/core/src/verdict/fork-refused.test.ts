import { expect, test } from 'vitest'
import { forkRefused } from './fork-refused.js'

test.each([
  'Error: spawn sleep EAGAIN',
  'Error: spawnSync /bin/sh EAGAIN\n    at x (/a.js:1:2)',
  'Command failed: sh -c true\nsh: 0: Cannot fork',
  'bash: fork: retry: Resource temporarily unavailable',
  'Error: Worker initialization failure: EAGAIN',
])('refused: %j', (text) => {
  expect(forkRefused(text)).toBe(true)
})

test.each([
  'Error: spawn git ENOENT',
  'read EAGAIN',
  'spawn git\nlater: EAGAIN',
  'read: Resource temporarily unavailable',
])('another error: %j', (text) => {
  expect(forkRefused(text)).toBe(false)
})
