import { signal } from '@preact/signals';

/** Milliseconds between two looks whether the server answers again. */
const LOOK_EVERY = 1000;

/** Whether the server does not answer at present. */
export const lost = signal(false);

/** Grows when what was asked before may have changed unseen: then all of it is asked again. */
export const generation = signal(0);

/** To be called when answers are out of date, as those of another model are. */
export function askAnew(): void {
  generation.value++;
}

/** To be called when the server was not reached; looks for it until it answers. */
export function connectionLost(): void {
  if (lost.value) return;
  lost.value = true;
  const timer = setInterval(async () => {
    if (!(await answers()) || !lost.value) return;
    clearInterval(timer);
    lost.value = false;
    askAnew();
  }, LOOK_EVERY);
}

const answers = (): Promise<boolean> =>
  fetch('/health/live', { cache: 'no-store' }).then(
    (response) => response.ok,
    () => false,
  );

addEventListener('offline', connectionLost);
