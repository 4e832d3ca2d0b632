/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * Uses a document as tests of user interfaces do, so that what a DOM in JavaScript compiles, parses and caches when it is first used is there
 * in workers that are forked later. The document is thrown away.
 */

/** How often: once more than it takes to load and to compile lazily; further rounds were measured to gain nothing. */
const ROUNDS = 2

/** An implementation may lack any of these. */
const exercises: readonly ((document: Document, window: Window & typeof globalThis) => void)[] = [
  (document) => {
    document.body.innerHTML =
      '<main id="app" class="page wide"><h1 title="A">Title</h1><form><label for="a">Name</label><input id="a" name="text" value="x"><input type="checkbox" name="check" checked><select name="choice"><option value="1">One</option><option value="2" selected>Two</option></select><textarea name="long">text</textarea><button type="submit" disabled>Send</button><button type="button">Add</button></form><ul role="list"></ul><table><tbody><tr><td>1</td></tr></tbody></table><p><a href="/b?c#d">link <b>bold</b></a><img alt="" src="data:,"></p></main>'
  },
  (document) => {
    const list = document.querySelector('ul')
    for (let i = 0; i < 8; i++) {
      const item = document.createElement('li')
      item.textContent = `item ${i}`
      item.className = i % 2 ? 'odd' : 'even'
      item.dataset.index = String(i)
      item.setAttribute('aria-label', `number ${i}`)
      item.classList.add('item')
      item.classList.toggle('last', i === 7)
      item.style.color = 'red'
      list?.append(item)
    }
    list?.insertBefore(document.createTextNode(' '), list.firstChild)
    list?.firstChild?.remove()
    list?.replaceChild(document.createElement('li'), list.children[0] as Element)
    const fragment = document.createDocumentFragment()
    fragment.append(document.createElement('span'), document.createComment('c'))
    list?.append(fragment)
    list?.cloneNode(true)
  },
  (document) => {
    const selectors = [
      '#app',
      'main',
      '.item',
      'li.odd',
      'ul > li',
      'main form input',
      '[data-index="3"]',
      'input[name="text"]',
      'input:checked',
      'button:disabled',
      'li:nth-child(odd)',
      'li:first-child',
      'li:not(.odd)',
      'h1, h2, [role="list"]',
    ]
    for (const selector of selectors) {
      document.querySelector(selector)?.matches(selector)
      for (const element of document.querySelectorAll(selector)) element.closest('main')
    }
    document.getElementById('a')
    document.getElementsByClassName('item').length
    document.getElementsByTagName('li')[1]?.parentElement?.contains(document.body)
  },
  (document, window) => {
    const form = document.querySelector('form') as HTMLFormElement
    let heard = 0
    const listener = (event: Event): void => {
      event.preventDefault()
      heard += 1
    }
    for (const type of ['click', 'submit', 'input', 'change', 'keydown', 'focus', 'blur', 'custom'])
      form.addEventListener(type, listener, type === 'focus')
    const [text, check] = form.querySelectorAll('input')
    if (text && check) {
      text.focus()
      text.value = 'typed'
      text.dispatchEvent(new window.InputEvent('input', { bubbles: true, data: 'd' }))
      text.dispatchEvent(new window.KeyboardEvent('keydown', { bubbles: true, key: 'a' }))
      text.dispatchEvent(new window.CustomEvent('custom', { bubbles: true, detail: heard }))
      text.blur()
      check.click()
    }
    form.querySelectorAll('button')[1]?.click()
    form.querySelectorAll('button')[1]?.dispatchEvent(new window.MouseEvent('click', { bubbles: true }))
    form.requestSubmit()
    form.removeEventListener('click', listener)
    form.reset()
    Object.fromEntries(new window.FormData(form).entries())
    form.elements.length
  },
  (document, window) => {
    document.head.innerHTML = '<style>li.odd { color: rgb(1, 2, 3) } .page { display: flex }</style>'
    for (const element of document.querySelectorAll('li, main')) {
      const { color, display } = window.getComputedStyle(element)
      element.getAttribute(color + display)
    }
    document.body.getBoundingClientRect()
  },
  (document) => {
    document.body.outerHTML.length
    document.body.textContent?.length
    for (const node of document.querySelectorAll('*')) {
      node.getAttributeNames()
      node.hasAttribute('id')
      node.toggleAttribute('hidden')
    }
    const walker = document.createTreeWalker(document.body)
    while (walker.nextNode());
  },
  (document, window) => {
    const observer = new window.MutationObserver(() => {})
    observer.observe(document.body, { childList: true, subtree: true, attributes: true })
    document.querySelector('ul')?.insertAdjacentHTML('beforeend', '<li>more</li>')
    observer.takeRecords()
    observer.disconnect()
  },
  (document, window) => {
    window.localStorage.setItem('key', 'value')
    window.localStorage.getItem('key')
    window.localStorage.clear()
    window.history.replaceState({}, '', '/path?a=b#c')
    window.location.href.length
    new window.DOMParser().parseFromString('<p>a</p>', 'text/html')
    const range = document.createRange()
    range.selectNodeContents(document.body)
    window.getSelection()?.removeAllRanges()
    const host = document.createElement('div')
    host.attachShadow({ mode: 'open' }).innerHTML = '<slot></slot>'
    document.body.append(host)
  },
]

/** Does nothing where there is no document. */
export function exerciseDom(): void {
  const { document, window } = globalThis as { document?: Document; window?: Window & typeof globalThis }
  if (document === undefined || window === undefined) return
  for (let round = 0; round < ROUNDS; round++) {
    for (const exercise of exercises) {
      try {
        exercise(document, window)
      } catch {
        // What it lacks cannot be warmed.
      }
    }
  }
}
