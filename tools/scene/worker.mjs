// A thread does not take over the loader that lets its parent read TypeScript, so it sets up its own.
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
const { plans } = await import('./plans.ts');
const { work } = await import('./render.ts');
work(plans[workerData.name], workerData.studio);
