/** Says what a data set holds. */
import { tell } from '../shared/say.ts';

/** Prints it in three lines. @throws {DatasetError} it cannot be opened. */
export async function describeDataset(folder: string): Promise<void> {
  const { openDataset } = await import('../../data/dataset.ts');
  const { shardBytes } = await import('../../data/dataset-index.ts');
  const { index } = await openDataset(folder);
  const bytes = index.shards.reduce((sum, shard) => sum + shardBytes(shard), 0);
  const asides = Object.entries(index.setAside);
  const total = asides.reduce((sum, [, count]) => sum + count, 0);
  tell(
    `${folder}: ${index.count} pictures, short side ${index.settings.size} px, JPEG quality ${index.settings.quality}`,
  );
  tell(
    `  ${megabytes(bytes)} in ${index.shards.length} ${index.shards.length === 1 ? 'shard' : 'shards'}, ${(bytes / index.count / 1000).toFixed(1)} kB a picture`,
  );
  const reasons = asides.map(([reason, count]) => `${count} ${reason}`).join(', ');
  tell(
    total === 0 ? '  set aside: none' : `  set aside: ${total} (${reasons}), see ${folder}/set-aside.json`,
  );
}

function megabytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
