// A process that opens the embedded database of the folder it is given and inserts the numbers from 1 on, saying each
// one that was acknowledged, until it is killed.
import { openDatabase } from '#src/db/open-database.js';

const db = await openDatabase({ dataDir: process.argv[2] });
await db.query('CREATE TABLE IF NOT EXISTS number (run text, n integer)');
const run = process.argv[3];
for (let n = 1; ; n++) {
  await db.transaction((tx) => tx.query('INSERT INTO number VALUES ($1, $2)', [run, n]));
  process.send(n);
}
