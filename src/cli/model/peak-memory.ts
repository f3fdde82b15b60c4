import { readdir, readFile } from 'node:fs/promises';
import { megabytes } from '../../xclip/hub/megabytes.ts';

/** The most memory that this process had, and where the system tells (Linux) the video encoder's process. */
export async function peakMemory(): Promise<string> {
  const own = megabytes(process.resourceUsage().maxRSS * 1024);
  const children = await Promise.all((await childIds()).map(peakOf));
  return [own, ...children.map((bytes) => `${megabytes(bytes)} in the video encoder's process`)].join(', ');
}

async function childIds(): Promise<string[]> {
  const threads = await readdir('/proc/self/task').catch(() => []);
  const lists = threads.map((id) => readFile(`/proc/self/task/${id}/children`, 'utf8').catch(() => ''));
  return (await Promise.all(lists)).join(' ').split(' ').filter(Boolean);
}

/** Bytes; `VmHWM` of proc(5) is in kibibytes. */
async function peakOf(id: string): Promise<number> {
  const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
}
