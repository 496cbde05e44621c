// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';

const program = `
import { watch } from 'node:fs';
import { watchChanges } from '${path.resolve(import.meta.dirname, '../../../native-helper/posix/watch-changes.ts')}';
try { watch(process.argv[1]).close(); console.log('inotify'); } catch (error) { console.log(error.code); }
const watcher = watchChanges(process.argv[1], { onChange: () => console.log('changed'), onError: (error) => { throw error; } });
process.stdin.on('end', () => watcher.close()).resume();
console.log('watching');
`;

test('a file is followed where the kernel gives this user no inotify instance, and where it does', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'berth-watch-'));
  const file = path.join(directory, 'file');
  await writeFile(file, '');
  try {
    // user_namespaces(7): /proc/sys/user counts for this namespace alone
    for (const [before, expected] of [
      ['echo 0 > /proc/sys/user/max_inotify_instances', 'EMFILE'],
      ['true', 'inotify'],
    ] as const) {
      const child = spawn(
        'unshare',
        [
          '--user',
          '--map-root-user',
          'sh',
          '-c',
          `${before}; exec "$@"`,
          'sh',
          process.execPath,
          '--input-type=module',
          '--eval',
          program,
          file,
        ],
        { stdio: ['pipe', 'pipe', 'inherit'] },
      );
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const next = async (): Promise<unknown> => (await lines.next()).value;
      expect([await next(), await next()]).toEqual([expected, 'watching']);
      await appendFile(file, 'more');
      expect(await next()).toBe('changed');
      child.stdin.end();
      expect((await once(child, 'exit'))[0]).toBe(0);
    }
  } finally {
    await rm(directory, { recursive: true });
  }
});
