// A process that takes the lock of the folder it is given, and keeps it until it is killed.
import { lockDirectory } from '#src/directory-lock.js';

const release = await lockDirectory(process.argv[2]);
setInterval(() => {}, 1_000);
process.send(release ? 'locked' : 'refused');
