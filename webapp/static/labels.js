// Keys for the answers; the page works without it. What comes within a moment of the page's
// arrival is ignored: it was meant for the question before.
const FIRST_MOMENT = 400
const STORED = 'kith-label-keys'
const TYPING = 'input:not([type=hidden]), textarea, select, [contenteditable]'
const box = document.querySelector('[data-keys]')
const hint = document.querySelector('[data-keys-hint]')
const toggle = document.querySelector('[data-keys-switch]')
const touchOnly = matchMedia('(any-hover: none)').matches // a telephone has no keys to press
let ready = false
let on = !touchOnly

const stored = (value) => {
  try { // a browser may refuse to keep anything
    if (value === undefined) return localStorage.getItem(STORED)
    localStorage.setItem(STORED, value)
  } catch { /* then the choice lasts for this page */ }
  return null
}

const choose = (wanted) => {
  on = wanted
  toggle.textContent = on ? 'Turn keys off' : 'Turn keys on'
  hint.hidden = !on
}

if (box && !touchOnly) {
  choose(stored() !== 'off')
  box.hidden = false
  toggle.addEventListener('click', () => {
    choose(!on)
    stored(on ? 'on' : 'off')
  })
}

document.addEventListener('keydown', (event) => {
  if (!on || event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
  if (event.target.closest(TYPING)) return
  const button = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`)
  if (button) button.click()
})

for (const form of document.querySelectorAll('[data-answers]')) {
  form.addEventListener('submit', (event) => {
    if (!ready) event.preventDefault()
  })
}

setTimeout(() => {
  ready = true
  document.body.dataset.labels = 'ready'
}, FIRST_MOMENT)
