import { expect, test } from 'vitest'

test('prints the date of a release', () => {
  const release = new Date('2026-07-01T11:00:00Z')
  expect(release.toString().slice(0, 15)).toBe('Wed Jul 01 2026')
})
