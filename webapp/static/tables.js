// Makes the headings of tables sort; without it the tables stand in the server's order.
import { initAll } from './vendor/moj/moj-frontend.min.js'

initAll()
document.body.dataset.tables = 'yes'
