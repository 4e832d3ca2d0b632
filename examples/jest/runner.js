// What the files import from their runner, as Jest has it: globals of each file.
export const { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } = globalThis
