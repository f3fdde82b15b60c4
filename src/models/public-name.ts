import { basename, isAbsolute } from 'node:path';

/** A model's name as clients may see it: a checkpoint in a folder is named by its path, of which they get the end. */
export const publicName = (name: string): string => (isAbsolute(name) ? basename(name) : name);
