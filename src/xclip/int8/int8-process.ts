import { setPriority } from 'node:os';
import type { Checkpoint } from '../checkpoint.ts';
import { answer } from '../request-reply.ts';
import { int8Weights } from './int8-weights.ts';

// A process that finds or makes int8 weights: making them runs the model for a minute or more, which blocks.

setPriority(0, 10);
process.on('SIGINT', () => {}).on('SIGTERM', () => {}); // Our parent decides when we end.
process.on('disconnect', () => process.exit());

export interface Int8Request {
  checkpoint: Checkpoint;
  folder: string;
}

process.on('message', (request: Int8Request) =>
  answer(
    request,
    ({ checkpoint, folder }, report) => int8Weights(checkpoint, folder, report),
    (reply) => process.send?.(reply),
  ),
);
