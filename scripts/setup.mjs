// What `npm start` and `npm test` need, seen to before they run: packages, the build, ffmpeg; for tests, Chromium.
// Runs on a bare clone, so it imports nothing but Node.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const MIN_NODE = [20, 19];
const MIN_FFMPEG = [5, 1];
const BUILD_STAMP = join(ROOT, 'dist/.built');
const BUILT_FROM = ['src', 'graphiql', 'web', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];

const say = (text) => console.log(`[setup] ${text}`);

function fail(text) {
  console.error(`[setup] ${text}`);
  process.exit(1);
}

function run(command, args, env = {}) {
  const { status } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  if (status !== 0) fail(`"${command} ${args.join(' ')}" failed; what it said is above.`);
}

const atLeast = (version, [major, minor]) =>
  version[0] > major || (version[0] === major && version[1] >= minor);

const numbers = (text) => text.split('.').map(Number);

function checkNode() {
  if (atLeast(numbers(process.versions.node), MIN_NODE)) return;
  fail(
    `Node ${MIN_NODE.join('.')} or newer is needed; this is ${process.versions.node}. See https://nodejs.org`,
  );
}

/** npm records what it installed in node_modules/.package-lock.json: compare that with what is asked for. */
function packagesAreCurrent() {
  const installedFile = join(ROOT, 'node_modules/.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const read = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const installed = read(installedFile);
  return Object.entries(read(join(ROOT, 'package-lock.json'))).every(
    ([path, { version, optional }]) =>
      path === '' || (installed[path] ? installed[path].version === version : optional),
  );
}

function installPackages() {
  if (packagesAreCurrent()) return;
  say('installing packages (npm ci) …');
  // The inference runtime would otherwise download its CUDA libraries; the CPU build is inside the package.
  run('npm', ['ci', '--no-audit', '--no-fund'], { ONNXRUNTIME_NODE_INSTALL: 'skip' });
}

function newestChange(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newestChange(join(path, name))));
}

function build() {
  const built = statSync(BUILD_STAMP, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const started = new Date();
  if (Math.max(...BUILT_FROM.map((path) => newestChange(join(ROOT, path)))) < built) return;
  say('building …');
  run('npm', ['run', '--silent', 'build']);
  writeFileSync(BUILD_STAMP, '');
  utimesSync(BUILD_STAMP, started, started); // a change made during the build counts as newer
}

function version(tool) {
  const { stdout } = spawnSync(tool, ['-version'], { encoding: 'utf8' });
  // A git build has no number ("N-12345-g…"); those in use are newer than any release we need.
  if (/^ff\w+ version N-/.test(stdout ?? '')) return [Number.POSITIVE_INFINITY, 0];
  const found = /^ff\w+ version \D*(\d+)\.(\d+)/.exec(stdout ?? '');
  return found ? [Number(found[1]), Number(found[2])] : null;
}

const has = (command) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;

const INSTALLERS = [
  { tool: 'apt-get', command: (name) => `apt-get update && apt-get install -y ${name}` },
  { tool: 'dnf', command: (name) => `dnf install -y ${name === 'ffmpeg' ? 'ffmpeg-free' : name}` },
  { tool: 'apk', command: (name) => `apk add ${name}` },
  { tool: 'pacman', command: (name) => `pacman -S --noconfirm ${name}` },
  { tool: 'brew', command: (name) => `brew install ${name}`, anyUser: true },
];

/** Installs a package where it may, until `good`; else says what to do: that, or what `otherwise` says. */
function ensure(name, needed, good, otherwise) {
  if (good()) return;
  const installer = INSTALLERS.find(({ tool }) => has(tool));
  if (!installer) fail(`${needed}: install it, or ${otherwise}.`);
  const command = installer.command(name);
  if (process.getuid?.() !== 0 && !installer.anyUser)
    fail(`${needed}. Install it with:\n\n  sudo sh -c '${command}'\n\nthen run this again. Or ${otherwise}.`);
  say(`installing ${name} (${command}) …`);
  const { status } = spawnSync('sh', ['-c', command], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status === 0 && good()) return;
  fail(`${needed}, and "${command}" did not bring it. Install it, or ${otherwise}.`);
}

function ensureFfmpeg() {
  const tools = [process.env.FFMPEG_PATH ?? 'ffmpeg', process.env.FFPROBE_PATH ?? 'ffprobe'];
  ensure(
    'ffmpeg',
    `ffmpeg (with ffprobe) ${MIN_FFMPEG.join('.')} or newer is needed`,
    () => tools.every((tool) => atLeast(version(tool) ?? [0, 0], MIN_FFMPEG)),
    'set FFMPEG_PATH and FFPROBE_PATH',
  );
}

/** The names that test/web/browser.ts looks for. */
const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

function ensureChromium() {
  ensure(
    'chromium',
    'Chromium is needed to test the page',
    () => process.env.CHROMIUM_PATH || CHROMIUM.some(has),
    'set CHROMIUM_PATH',
  );
}

checkNode();
installPackages();
build();
ensureFfmpeg();
if (process.argv.includes('--tests')) ensureChromium();
