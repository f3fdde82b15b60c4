// A process that takes the lock of the folder it is given, and keeps it until it is killed.
import { lockDirectory } from '#src/db/directory-lock.js';

try {
  await lockDirectory(process.argv[2]);
  setInterval(() => {}, 1_000);
  process.send('locked');
} catch (error) {
  process.send(error.message);
}
