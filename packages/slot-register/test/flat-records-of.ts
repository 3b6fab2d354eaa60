import { type Accepted } from '../src/accepted';
import { FlatRecords } from '../src/flat-records';

export function flatRecordsOf(entries: Iterable<readonly [string, Accepted]>): FlatRecords {
  const records = new FlatRecords();
  for (const [register, accepted] of entries) records.set(register, accepted);
  return records;
}
