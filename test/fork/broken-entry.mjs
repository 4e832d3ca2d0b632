// A worker entry that works, but not in a template.
export { default } from './entry.mjs'

export async function warm() {
  throw new Error('this cannot be warmed up')
}
