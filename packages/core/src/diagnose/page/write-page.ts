import { writeFileSync } from 'node:fs'
import { GloveboxError } from '../../errors.js'
import type { AnswerDocument } from '../answer-json.js'
import { answerPage } from './page.js'
import { pageScripts } from './scripts.js'

/** Writes the page of an answer. Throws GLOVEBOX_CONFIG where the file cannot be written. */
export function writePage(file: string, answer: AnswerDocument): void {
  const page = answerPage(answer, pageScripts())
  try {
    writeFileSync(file, page)
  } catch (cause) {
    throw new GloveboxError('GLOVEBOX_CONFIG', `--html ${file}: ${(cause as Error).message}`, { cause })
  }
}
