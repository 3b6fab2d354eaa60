import { type ChildProcess } from 'node:child_process';

/** What a process tells whoever started it. */
interface AnyReport {
  readonly type: string;
}

/** Resolves with the report of this type; rejects if the process ends before. */
export function reported<Report extends AnyReport, Type extends Report['type']>(
  child: ChildProcess,
  type: Type,
): Promise<Extract<Report, { readonly type: Type }>> {
  const promise = new Promise<Extract<Report, { readonly type: Type }>>((resolve, reject) => {
    child.on('message', (message) => {
      const report = message as Report;
      if (isOfType(report, type)) resolve(report);
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      reject(new Error(`a node ended before it was ${type}: ${signal ?? `exit code ${code}`}`));
    });
  });
  // Whoever waits for it sees the failure; after that it is no fault that a process ends.
  promise.catch(() => undefined);
  return promise;
}

function isOfType<Report extends AnyReport, Type extends Report['type']>(
  report: Report,
  type: Type,
): report is Extract<Report, { readonly type: Type }> {
  return report.type === type;
}
