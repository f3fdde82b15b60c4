// Reads the first clip of a video, says the process id of its ffmpeg, and waits.
import { execFileSync } from 'node:child_process';
import { probe } from '../../dist/media/probe.js';
import { readClips } from '../../dist/media/read-clips.js';
import { clipWindows } from '../../dist/media/windows.js';

const path = process.argv[2];
const probed = await probe(path);
const shape = { frames: 32, sampling: 'UNIFORM', resize: 224, crop: 224 };
const clips = readClips(path, probed, clipWindows(probed.duration), shape);
await clips.next();
const children = execFileSync('ps', ['--ppid', String(process.pid), '-o', 'pid=,comm=']).toString();
console.log(/(\d+) ffmpeg/.exec(children)[1]);
setInterval(() => {}, 1000);
