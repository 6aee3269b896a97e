/** The files of a training's job, fetched from the store. */
import { mkdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { readConfigFile } from '../../train/run/config-file.ts';
import { NO_START, type TrainCall } from '../../train/run/inputs.ts';
import { fetchInto } from './fetch-into.ts';
import { styleFetcher } from './fetched-styles.ts';
import type { TaskContext } from './kind.ts';
import { isLossNetworkFile, requireFolder, requireLossNetwork, type TrainJob } from './train-call.ts';

/**
 * A job's call with files of this machine. All have their own names, which checkpoints hold, and no place of this machine gets into
 * a setting: those are a run's, wherever it goes on.
 *
 * @param withData whether the data set is wanted, too. @throws what the store throws. {ConfigError} the configuration names a file of the worker's.
 */
export async function fetchTraining(
  job: TrainJob,
  context: TaskContext,
  { withData }: { readonly withData: boolean },
): Promise<TrainCall> {
  const fetched = (key: string, folder: string) =>
    fetchInto(context, key, `${folder}/${posix.basename(key)}`);
  const style: string[] = [];
  for (const [i, key] of job.style.entries()) style.push(await fetched(key, `paintings/${i}`));
  const { config, from, addTo, previewPhoto, data, ...rest } = job;
  const files: { -readonly [Name in keyof TrainCall]?: TrainCall[Name] } = {};
  let lossNetwork = job.settings.lossNetwork;
  if (config !== undefined) {
    files.config = await fetched(config, 'config');
    const { lossNetwork: configured } = await readConfigFile(files.config);
    requireLossNetwork(configured);
    lossNetwork ??= configured;
  }
  if (isLossNetworkFile(lossNetwork)) files.lossNetworkFile = await fetched(lossNetwork, 'loss-network');
  const styles = styleFetcher(context);
  if (from !== undefined) files.from = from === NO_START ? from : await styles(from);
  if (addTo !== undefined) files.addTo = await styles(addTo);
  if (previewPhoto !== undefined) {
    const photos: string[] = [];
    for (const [i, key] of previewPhoto.entries()) photos.push(await fetched(key, `previews/${i}`));
    files.previewPhoto = photos;
  }
  if (data !== undefined && withData)
    files.data = await fetchFolder(requireFolder(data, 'a data set'), context);
  return { ...rest, ...files, style };
}

async function fetchFolder(folder: string, context: TaskContext): Promise<string> {
  const to = join(context.scratch, 'data');
  await mkdir(to, { recursive: true });
  for await (const { key } of context.store.list(`${folder}/`))
    await fetchInto(context, key, `data/${key.slice(folder.length + 1)}`);
  return to;
}
