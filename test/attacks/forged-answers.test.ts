// SPDX-License-Identifier: MIT
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { HelperCallError } from '../../client/helper-call-error.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';
import { imageAlias, instanceName } from '../../contract/names.ts';
import { mebibyte } from '../../contract/units.ts';
import type { HelperProcess } from '../support/helper-process.ts';
import { startForMembers, type MembersHelper } from '../support/members-helper.ts';
import { connectAs, mia } from '../support/people.ts';

/**
 * Hers: stops each new process of hers whose command line has a word, takes its stdout (pidfd_open(2), pidfd_getfd(2))
 * and prints in its place. It says `forged` once for each.
 */
const forging = String.raw`
use strict; use POSIX ();
my ($uid, $gid, $word, $text, $times) = @ENV{qw(FORGER_UID FORGER_GID WORD TEXT TIMES)};
POSIX::setgid($gid); $) = "$gid $gid"; POSIX::setuid($uid);
$SIG{PIPE} = 'IGNORE'; $| = 1; print "begun\n";
my %seen;
while (1) {
  open my $load, '<', '/proc/loadavg'; my ($last) = <$load> =~ /(\d+)$/; # proc(5): the newest process's number
  for my $pid ($last - 12 .. $last) {
    next if $seen{$pid};
    my @is = stat "/proc/$pid" or next; next unless $is[4] == $uid;
    open my $c, '<', "/proc/$pid/cmdline" or next; my $line = do { local $/; <$c> } // ''; next unless $line =~ /\Q$word\E/;
    kill 'STOP', $pid;
    my $fd = syscall(438, syscall(434, $pid, 0), 1, 0);
    if ($fd >= 0 && open my $out, '>&=', $fd) {
      $seen{$pid} = 1;
      for (1 .. $times) { last unless syswrite $out, $text }
      print "forged\n"; close $out;
    }
    kill 'CONT', $pid;
  }
}`;

let members: MembersHelper;
let helper: HelperProcess;
let hers: HelperConnection;
let directory: string;
let forger: ChildProcess | undefined;
let forged = 0;
const name = instanceName.parse('forged');

beforeAll(async () => {
  members = await startForMembers({ below: '/var/tmp' });
  ({ helper, directory } = members);
  hers = await connectAs(mia, helper.runDirectory);
  await hers.request('instances.launch', {
    name,
    image: imageAlias.parse('tiny'),
    memoryBytes: 256 * mebibyte,
    diskBytes: 1024 * mebibyte,
    isAllowedWithoutAppArmor: true,
  });
  await vi.waitFor(
    async () => {
      await hers.request('instances.info', { name });
    },
    { timeout: 60_000 },
  );
}, 120_000);
afterAll(async () => {
  hers.close();
  await members?.end();
});
beforeEach(() => {
  forged = 0;
});
afterEach(async () => {
  forger?.kill('SIGKILL');
  if (forger?.exitCode === null && forger.signalCode === null) await once(forger, 'exit');
});

async function forge(word: string, text: string, times: number): Promise<void> {
  forger = spawn('perl', ['-e', forging], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      FORGER_UID: String(mia.uid),
      FORGER_GID: String(mia.gid),
      WORD: word,
      TEXT: text,
      TIMES: String(times),
    },
  });
  forger.stdout?.on('data', (said: Buffer) => {
    forged += said.toString().split('forged').length - 1;
  });
  await once(forger.stdout ?? forger, 'data');
}

function faultOf(error: unknown): string {
  if (!(error instanceof HelperCallError)) throw error;
  return `${error.data.code}: ${error.data.params['reason'] ?? ''}`;
}

/** Asks until her process was quick enough. */
async function untilForged(ask: () => Promise<unknown>): Promise<string[]> {
  const answers: string[] = [];
  while (forged === 0 && answers.length < 100)
    answers.push(await ask().then((answer) => JSON.stringify(answer), faultOf));
  expect(forged).toBeGreaterThan(0);
  return answers;
}

it.each([
  ['megabytes', 'A'.repeat(65_536), 64],
  ['a path as long as no path', `ext4 /${'a'.repeat(6000)}`, 1],
])(
  "a share's source that her process tells as %s is refused, and not noted",
  async (_, text, times) => {
    const source = path.join(directory, 'folder');
    await mkdir(source, { recursive: true });
    await chown(source, mia.uid, mia.gid);
    await forge('share-source', text, times);
    let round = 0;
    const answers = await untilForged(() =>
      hers.request('mounts.add', { name, source, target: `/mnt/f${(round += 1)}`, type: 'sshfs' }),
    );
    expect(answers.at(-1)).toMatch(
      /^mount.source-denied: .*(?:more than 8192 bytes|4095 bytes at most|an absolute path)/,
    );
    const record = path.join(helper.stateDirectory, 'instances', name, 'instance.json');
    expect((await stat(record)).size).toBeLessThan(64 * 1024);
    expect(await readFile(record, 'utf8')).not.toMatch(/aaaaaaaaaa|AAAAAAAAAA/);
    await hers.request('mounts.remove', { name });
  },
  60_000,
);

it("a grant's path that her process tells as too long is refused", async () => {
  const file = path.join(directory, 'given');
  await writeFile(file, 'x');
  await chown(file, mia.uid, mia.gid);
  await forge('grant-source', `file 1 2.3 /${'a'.repeat(6000)}`, 1);
  const answers = await untilForged(() => hers.request('instances.grant', { name, path: file, mode: 'r' }));
  expect(answers.at(-1)).toMatch(
    /^grant.denied: (?:.*4095 bytes at most|.*more than 8192 bytes|it could not be looked at)/,
  );
}, 60_000);

it("an import's size that her process tells as no number is refused", async () => {
  const file = path.join(directory, 'disk.raw');
  await writeFile(file, Buffer.alloc(mebibyte, 1));
  await chown(file, mia.uid, mia.gid);
  await forge('%f %s', '81a4 NaN\n', 1);
  const answers = await untilForged(async () => {
    const { operationId } = await hers.request('images.import', {
      path: file,
      format: 'raw',
      alias: imageAlias.parse('forged'),
    });
    const ended = await hers.request('operations.wait', { id: operationId });
    if (ended.error) throw new HelperCallError(ended.error);
    return ended.state;
  });
  expect(answers.at(-1)).toBe('image.source-denied: its size was not told');
}, 60_000);
