import type { Settings } from '../../config.ts';

/** Where models come from and where they are kept: the settings that all of the hub's own tools know. */
export type Hub = Settings['hub'];
