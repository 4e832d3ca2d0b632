import { answerDocument, answerJson } from '../diagnose/answer-json.js'
import { writePage } from '../diagnose/page/write-page.js'
import { type Answer, answerText } from '../diagnose/words.js'
import type { DiagnoseFlags } from './diagnose-command.js'
import { diagnoseStatus } from './diagnose-status.js'

/** Prints an answer, and writes its page if one is wanted. Returns the exit status. Throws GLOVEBOX_CONFIG. */
export function deliver(answer: Answer, { json, html }: Pick<DiagnoseFlags, 'json' | 'html'>): number {
  process.stdout.write(json ? answerJson(answer) : `${answerText(answer)}\n`)
  if (html !== undefined) writePage(html, answerDocument(answer))
  return diagnoseStatus(answer)
}
