// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { BareShare } from '../support/bare-share.ts';
import { SharedFolder, someUser } from '../support/shared-folder.ts';

/**
 * As a user of the computer: looks for a process that has the folder open and lets him look into it; who may look may
 * also take and exchange what it holds.
 */
const looking = `
use POSIX; $) = "$ARGV[1] $ARGV[1]"; $( = $ARGV[1]; POSIX::setuid($ARGV[1]); $| = 1; print "begun\\n";
while (1) { for my $link (glob "/proc/[0-9]*/fd/[38]") { my $to = readlink $link; print "reached $link\\n" if defined $to && $to eq $ARGV[0] } }`;

test("nothing of the user's holds the folder that root binds", async () => {
  await using folder = await SharedFolder.create('src', someUser);
  await using share = await BareShare.create();
  const looker = spawn('perl', ['-e', looking, folder.path, String(someUser.uid)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  looker.stdout.on('data', (text: Buffer) => {
    said += text.toString();
  });
  await once(looker.stdout, 'data');
  try {
    for (let round = 0; round < 3; round += 1) {
      const sftp = await share.sftp({ source: folder.path });
      expect(await sftp.makeNew(`/share/made-${round}`)).toBe('done');
      await share.stop();
    }
  } finally {
    looker.kill('SIGKILL');
    await once(looker, 'exit');
  }
  expect(said).toBe('begun\n');
});
