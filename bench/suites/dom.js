import { forks, fresh, glovebox, numbered, threads, vitestSuite } from '../lib/vitest-suite.js'

/** Files that build, change and query a document in jsdom. */
export const jsdomSuite = suiteIn('jsdom')
/** The same files with happy-dom. */
export const happyDomSuite = suiteIn('happy-dom')

function suiteIn(environment) {
  return ({ files = 30, workers }) =>
    vitestSuite({
      title: `${files} files with ${environment} and real DOM work`,
      sources: numbered(files, content),
      count: files,
      workers,
      test: { environment },
      variants: [forks, threads, glovebox, fresh],
    })
}

const content = (index) => `
import { beforeEach, describe, expect, test } from 'vitest'

beforeEach(() => { document.body.innerHTML = '<main><form><input name="text"><button>Add</button></form><ul></ul></main>' })

describe('list ${index}', () => {
  test('grows when the form is submitted', () => {
    const [form, list] = [document.querySelector('form'), document.querySelector('ul')]
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      const item = document.createElement('li')
      item.textContent = form.elements.text.value
      item.dataset.index = String(list.children.length)
      list.append(item)
    })
    for (let i = 0; i < 100; i++) {
      form.elements.text.value = 'item ' + i
      form.querySelector('button').click()
    }
    expect(list.children).toHaveLength(100)
    expect(list.querySelector('[data-index="42"]').textContent).toBe('item 42')
    expect(list.querySelectorAll('li:nth-child(odd)')).toHaveLength(50)
  })
  test('is styled and serialised', () => {
    document.head.innerHTML = '<style>li.done { color: rgb(1, 2, 3) }</style>'
    const list = document.querySelector('ul')
    list.innerHTML = Array.from({ length: 50 }, (_, i) => '<li class="' + (i % 2 ? 'done' : '') + '">' + i + '</li>').join('')
    expect(getComputedStyle(list.children[1]).color).toBe('rgb(1, 2, 3)')
    expect(list.outerHTML).toContain('<li class="done">49</li>')
  })
})
`
