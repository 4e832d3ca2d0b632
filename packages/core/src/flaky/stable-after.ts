/** So many executions must have passed in a row: a test that fails one time in ten does that one time in 24. */
export const stableAfter = 30
