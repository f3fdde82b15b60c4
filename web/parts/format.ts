/** Seconds as `0:07`, `12:30` or `1:02:03`; with a tenth where `tenths` asks for it. */
export function clock(seconds: number, tenths = false): string {
  const tens = tenths ? Math.round(seconds * 10) : Math.round(seconds) * 10;
  const whole = Math.floor(tens / 10);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number: number) => `${number}`.padStart(2, '0');
  const text = hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
  return tenths ? `${text}.${tens % 10}` : text;
}

/** A share of 1 as a percentage; what is small but not nothing says so. */
export function percent(share: number): string {
  if (share > 0 && share < 0.005) return '<\u00a01\u00a0%';
  if (share < 1 && share > 0.995) return '>\u00a099\u00a0%';
  return `${Math.round(share * 100)}\u00a0%`;
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** A number of bytes, as `1.4 MB`. */
export function bytes(count: number): string {
  const power = count < 1000 ? 0 : Math.min(Math.floor(Math.log10(count) / 3), UNITS.length - 1);
  return `${(count / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${UNITS[power]}`;
}

/** `1 video`, `2 videos`. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

/** A stretch of time, as it is read out and shown. */
export const span = ({ start, end }: { start: number; end: number }): string => {
  const tenths = end - start < 2;
  return `${clock(start, tenths)}–${clock(end, tenths)}`;
};
