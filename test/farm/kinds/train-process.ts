/** Does a training's task in a process of its own: `train-process.ts <store's address> <task in JSON>`. */
import { trainKind as train } from '../../../src/farm/kinds/train.ts';
import { openStore } from '../../../src/farm/store/open-store.ts';
import { inScratch } from '../../helpers/farm-job.ts';

const [, , url, task] = process.argv;
const store = await openStore(url!);
await inScratch(store, (context) => train.run(JSON.parse(task!), context));
