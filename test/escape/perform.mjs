// @ts-check
/**
 * Carries out acts one after another. An outcome is `ok`, or how the act failed.
 * @import { Act, Outcome, Targets } from './types.js'
 */
import { execFileSync } from 'node:child_process'

/**
 * @param {readonly Act[]} acts
 * @param {Targets} targets
 * @param {'act' | 'control'} part
 * @returns {Promise<Outcome[]>}
 */
export async function perform(acts, targets, part) {
  const outcomes = []
  for (const each of acts) {
    const carryOut = part === 'control' ? (each.control ?? each.act) : each.act
    outcomes.push({ name: each.name, outcome: await outcomeOf(() => carryOut(targets)) })
  }
  return outcomes
}

/**
 * @param {() => unknown} carryOut
 * @returns {Promise<string>}
 */
export async function outcomeOf(carryOut) {
  try {
    await carryOut()
    return 'ok'
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error)
    return code ?? message
  }
}

/**
 * An act of act.c; throws the errno's name.
 * @param {string} helper
 * @param {...(string | number)} words
 */
export function native(helper, ...words) {
  const outcome = execFileSync(helper, words.map(String), { encoding: 'utf8' }).trim()
  if (outcome !== 'ok') throw Object.assign(new Error(outcome), { code: outcome })
}
