// Starts the components of GOV.UK Frontend; pages work without it.
import { initAll } from './vendor/govuk/govuk-frontend.min.js'

initAll()
document.body.dataset.started = 'yes'
