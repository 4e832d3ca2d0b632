/** Not like any built-in pool: Vitest looks at the name before it looks at who provides it. */
export const poolName = 'glovebox'
