// Draws the links with vis-network. Places, labels and facts come from the server; text reaches the
// page through textContent only. Without this file the table and its forms do the same work.
(() => {
  'use strict'
  const box = document.getElementById('picture')
  const source = document.getElementById('drawing')
  if (!box || !source || !window.vis) return

  const drawing = JSON.parse(source.textContent)
  const facts = new Map(drawing.nodes.map((node) => [node.id, node.told]))
  const nodes = new vis.DataSet(drawing.nodes.map(({ told, ...node }) => node))
  const edges = new vis.DataSet(drawing.edges)
  const network = new vis.Network(box, { nodes, edges }, drawing.options)
  const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches
  const move = still ? false : { duration: 250 }
  const SMALLEST = 0.72 // below it the labels cannot be read

  const all = () => network.fit({ animation: false })
  const centre = () => network.moveTo({ position: { x: 0, y: 0 }, scale: 1, animation: move })
  const zoom = (by) => network.moveTo({ scale: network.getScale() * by, animation: move })

  const begin = () => {
    all()
    const middle = drawing.chosen ? network.getPosition(drawing.chosen) : { x: 0, y: 0 }
    if (network.getScale() < SMALLEST) network.moveTo({ position: middle, scale: SMALLEST })
    if (network.getScale() > 1) network.moveTo({ scale: 1 })
  }

  const part = (id) => document.getElementById(id)

  const choose = (key) => {
    const told = facts.get(key)
    if (!told) return
    network.selectNodes([key])
    part('chosen').textContent = told.label
    part('chosen-kind').textContent = told.words
    part('chosen-facts').replaceChildren(
      ...told.facts.map((fact) => {
        const line = document.createElement('li')
        line.textContent = fact
        return line
      })
    )
    part('chosen-page').hidden = !told.href
    if (told.href) part('chosen-page').setAttribute('href', told.href)
    part('chosen-key').value = key
    part('chosen-name').textContent = ' ' + told.label
    part('chosen-expand').hidden = !told.expandable
    part('said').textContent = told.words + ' selected: ' + told.label
    box.dataset.chosen = key
  }

  network.on('selectNode', (event) => choose(event.nodes[0]))
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-select]')
    if (!button) return
    event.preventDefault()
    choose(button.dataset.select)
    network.focus(button.dataset.select, { scale: Math.max(network.getScale(), SMALLEST), animation: move })
    part('chosen').scrollIntoView({ block: 'nearest', behavior: still ? 'auto' : 'smooth' })
  })

  const tools = { in: () => zoom(1.3), out: () => zoom(1 / 1.3), centre, all }
  for (const button of document.querySelectorAll('[data-picture]')) {
    button.addEventListener('click', tools[button.dataset.picture])
  }
  document.querySelector('.app-picture__tools').hidden = false

  begin()
  if (drawing.chosen) choose(drawing.chosen)
  box.dataset.ready = 'yes'
  box.dataset.places = JSON.stringify(network.getPositions())
  box.dataset.scale = String(network.getScale())
})()
