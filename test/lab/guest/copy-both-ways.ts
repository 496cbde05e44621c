// SPDX-License-Identifier: MIT
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { HelperConnection } from '../../../client/helper-connection.ts';
import type { CopyObserver } from '../../../client/transfer/copier.ts';
import { copy } from '../../../client/transfer/copy.ts';
import { resolveDestination } from '../../../client/transfer/destination.ts';
import { localFiles } from '../../../client/transfer/local-files.ts';
import { openGuestFiles } from '../../../client/transfer/open-guest-files.ts';

/** A file into the guest's home and out of it again, as command line and window do it; `same`, or what came back. */
export async function copyBothWays(connection: HelperConnection, name: string): Promise<string> {
  const content = 'x'.repeat(100_000);
  await mkdir('/home/back', { recursive: true });
  await writeFile('/home/sent', content);
  const { sftp } = await connection.request('files.open', { name: name as never });
  using guest = await openGuestFiles(await connection.openStream(sftp));
  const signal = AbortSignal.timeout(120_000);
  const failures: string[] = [];
  const observer: CopyObserver = {
    progress: () => {},
    choose: () => Promise.resolve('replace'),
    copied: () => {},
    skipped: () => {},
    failed: (path, reason) => {
      failures.push(`${path}: ${reason}`);
    },
  };
  for (const [from, to, source, destination] of [
    [localFiles, guest.files, '/home/sent', '.'],
    [guest.files, localFiles, 'sent', '/home/back'],
  ] as const) {
    await copy(
      {
        from,
        to,
        sources: [Buffer.from(source)],
        destination: await resolveDestination(to, Buffer.from(destination), 1),
      },
      observer,
      signal,
    );
  }
  const back = await readFile('/home/back/sent', 'utf8').catch(String);
  return back === content && failures.length === 0 ? 'same' : `${back.slice(0, 100)} ${failures.join()}`;
}
