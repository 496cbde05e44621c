// SPDX-License-Identifier: MIT
// What runs as the user of a machine outside of the machine's namespaces would be the machine's way out of them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { closeFor, openFor } from '../../native-helper/confinement/grants/file-access.ts';
import { LocalProcessRunner } from '../../native-helper/process/runner.ts';
import { mia } from '../support/people.ts';

const machine = { uid: 1_899_000_123, gid: 1_899_000_123 };

/**
 * As a machine's user: looks for other processes of that user, as fast as it can, and says which of them it could
 * follow.
 */
const followers = `
$| = 1; print "looks\\n";
while (1) {
  opendir my $proc, "/proc"; my @pids = grep { /^\\d+$/ && $_ != $$ } readdir $proc; closedir $proc;
  for my $pid (sort { $b <=> $a } @pids) {
    my @status = stat "/proc/$pid" or next;
    next if $status[4] != $<;
    if (opendir my $root, "/proc/$pid/root/") { print "followed $pid\\n" }
    print "traced $pid\\n" if open my $memory, "<", "/proc/$pid/mem";
  }
}`;

test("no process of a machine's user can be followed out of its namespaces while a file is given to it", async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'berth-given-'));
  await chown(folder, mia.uid, mia.gid); // 0700: an entry is needed on it as well
  const file = path.join(folder, 'given');
  await writeFile(file, 'x', { mode: 0o600 });
  await chown(file, mia.uid, mia.gid);
  const attacker = spawn(
    'setpriv',
    [`--reuid=${machine.uid}`, `--regid=${machine.gid}`, '--clear-groups', '--', 'perl', '-e', followers],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let said = '';
  attacker.stdout.on('data', (text: Buffer) => {
    said += text.toString();
  });
  try {
    await expect.poll(() => said).toContain('looks');
    const options = { giver: mia, machine, runner: new LocalProcessRunner(), signal: AbortSignal.timeout(60_000) };
    for (let round = 0; round < 3; round += 1) {
      await openFor(file, round % 2 === 0 ? 'r' : 'rw', options);
      await closeFor(file, [], options);
    }
    expect(said).toBe('looks\n');
  } finally {
    attacker.kill('SIGKILL');
    await once(attacker, 'exit');
    await rm(folder, { recursive: true });
  }
});
