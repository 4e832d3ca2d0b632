import { expect, test } from 'vitest'

for (const name of ['ada', 'grace', 'edsger', 'barbara']) {
  test(`greets ${name}`, () => {
    expect(`hello ${name}`).toContain(name)
  })
}
