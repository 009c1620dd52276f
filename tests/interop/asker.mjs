// Asks with ClickHouse's own client for Node.js, as its documentation does, and prints what it got as one line of JSON.
import { createClient } from '@clickhouse/client'

const client = createClient({ url: process.env.URL, username: 'any', password: process.env.KEY, database: 'sql' })
const rows = await (await client.query({
  query: 'SELECT CaseId, Timestamp, Refs FROM steps WHERE KeyValue = {id: String}',
  query_params: { id: process.env.CASE },
  format: 'JSONEachRow',
  clickhouse_settings: { max_block_size: '1000' },
})).json()
let streamed = 0
const stream = (await client.query({ query: 'SELECT number FROM numbers(300000)', format: 'JSONEachRow' })).stream()
for await (const block of stream) streamed += block.length
let refused = ''
try {
  await client.command({ query: 'DROP TABLE steps' })
} catch (error) {
  refused = error.code
}
const alive = (await client.ping()).success
await client.close()
console.log(JSON.stringify({ rows, streamed, refused, alive }))
