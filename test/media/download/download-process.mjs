// Downloads as told and says how far it is, and how it ended.
import { download } from '#src/media/download/download.js';

const [hosts, url, to] = process.argv.slice(2);
const settings = { maxBytes: 1e9, hosts: hosts.split(','), ytdlp: null };
download(settings, url, to, (share) => process.send({ share }), new AbortController().signal).then(
  ({ name }) => process.send({ name }),
  ({ code, message }) => process.send({ code, message }),
);
