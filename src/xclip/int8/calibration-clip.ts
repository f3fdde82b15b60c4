/** Frames of a scene before the next one begins. */
const SCENE = 8;
/** Pixels between the knots of a texture; equally strong, they have the spectrum of photographs (power 1/f²). */
const DETAILS = [64, 32, 16, 8, 4, 2, 1];
/** Largest difference that a texture makes to a knot's brightness, of 255, scene by scene; a third of it to each colour. */
const CONTRAST = [0, 40, 10];
/** The same of the shade that all textures lie on. */
const SHADE = 100;

/** A grid of random colours, drawn interpolated and moving. */
interface Texture {
  step: number;
  columns: number;
  /** [rows, columns, 3]. */
  knots: Float32Array;
  /** Pixels a frame, rightwards and downwards. */
  speed: [number, number];
}

/**
 * A clip drawn so that it is to the model like filmed and drawn scenes: shades, over which move textures with the spectrum
 * of photographs (in some scenes none), and before them a square of others with hard edges. The same for the same seed.
 * @returns uint8 RGB [T, S, S, 3]
 */
export function calibrationClip(frames: number, px: number, seed: number): Uint8ClampedArray {
  const random = generator(seed);
  const clip = new Uint8ClampedArray(frames * px * px * 3);
  let scene: Parameters<typeof drawFrame>[2] | undefined;
  for (let t = 0; t < frames; t++) {
    if (!scene || t % SCENE === 0) {
      const contrast = CONTRAST[(seed + t / SCENE) % CONTRAST.length] as number;
      scene = [drawScene(random, px, contrast), drawScene(random, px, contrast)];
    }
    drawFrame(clip.subarray(t * px * px * 3, (t + 1) * px * px * 3), px, scene, t % SCENE);
  }
  return clip;
}

function drawScene(random: () => number, px: number, contrast: number): Texture[] {
  const around = (size: number) => (random() * 2 - 1) * size;
  const shade = { step: px, strength: SHADE };
  return [shade, ...DETAILS.map((step) => ({ step, strength: contrast }))].map(({ step, strength }) => {
    // One knot more than covers the frame on each side, for the movement.
    const columns = Math.ceil(px / step) + 3;
    const knots = new Float32Array(columns * columns * 3);
    for (let i = 0; i < knots.length; i += 3) {
      const grey = around(strength);
      for (let c = 0; c < 3; c++) knots[i + c] = grey + around(strength / 3);
    }
    return { step, columns, knots, speed: [around(step / SCENE), around(step / SCENE)] };
  });
}

function drawFrame(
  frame: Uint8ClampedArray,
  px: number,
  [behind, before]: [Texture[], Texture[]],
  t: number,
): void {
  const left = (px * t) / SCENE / 2;
  const inside = (at: number) => at >= left && at < left + px / 3;
  for (let y = 0, i = 0; y < px; y++) {
    for (let x = 0; x < px; x++, i += 3) {
      for (let c = 0; c < 3; c++) {
        let value = 128;
        for (const texture of inside(x) && inside(y) ? before : behind) value += sample(texture, x, y, t, c);
        frame[i + c] = value;
      }
    }
  }
}

/** Bilinear interpolation between the knots. */
function sample(
  { step, columns, knots, speed }: Texture,
  x: number,
  y: number,
  t: number,
  c: number,
): number {
  const u = 1 + (x + speed[0] * t) / step;
  const v = 1 + (y + speed[1] * t) / step;
  const column = Math.floor(u);
  const row = Math.floor(v);
  const at = (r: number, q: number) => knots[(r * columns + q) * 3 + c] as number;
  const upper = at(row, column) + (u - column) * (at(row, column + 1) - at(row, column));
  const lower = at(row + 1, column) + (u - column) * (at(row + 1, column + 1) - at(row + 1, column));
  return upper + (v - row) * (lower - upper);
}

/** Mulberry32: a small generator of numbers in [0, 1), good enough for textures. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
