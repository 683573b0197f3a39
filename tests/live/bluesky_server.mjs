// Starts Bluesky's own network (PLC, PDS, AppView with search) and says where it is. A line on standard input lets
// everything that happened so far reach the AppView and is answered by a line; its end stops the network.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const require = createRequire(`${process.env.SIMAK_ATPROTO}/package.json`)
const { TestNetwork } = require('@atproto/dev-env')

const network = await TestNetwork.create({ dbPostgresSchema: 'simak' })
console.log(network.pds.url)
for await (const _ of createInterface({ input: process.stdin })) {
  await network.processAll()
  console.log('settled')
}
await network.close()
process.exit(0)
