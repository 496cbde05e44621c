// SPDX-License-Identifier: MIT
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DenialWatch } from '../../../native-helper/instances/denials/denial-watch.ts';
import { OwnDenials } from '../../../native-helper/instances/denials/own-denials.ts';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import { DenialStore } from '../../../native-helper/store/denial-store.ts';
import { samples } from './samples.ts';

const log = pino({ level: 'silent' });
const root = { uid: 0, gid: 0, pid: 1 };
const mia = { uid: 1000, gid: 1000, pid: 1 };
const noah = { uid: 1001, gid: 1001, pid: 1 };
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'berth-own-'));
});
afterEach(async () => await rm(directory, { recursive: true }));

/** Everything that auditd recorded, as a helper reads it at its start. */
async function after(lines: readonly string[], use: (own: OwnDenials) => void): Promise<void> {
  const auditFile = path.join(directory, 'audit.log');
  await writeFile(auditFile, lines.map((line) => `${line}\n`).join(''));
  const watch = new DenialWatch({ runner: new LocalProcessRunner(), log, auditFile, hasAppArmor: async () => false });
  const own = new OwnDenials({ watch, store: new DenialStore(log), file: path.join(directory, 'denials.json'), log });
  await own.begin();
  await watch.begin();
  use(own);
  await watch.close();
  await own.close();
}

const ofMia = samples.helper.replace('fsuid=0', 'fsuid=1000').replace('/old/usr/sbin/chroot', '/opt/mia');

it("takes what is nobody's, and leaves what is an instance's or a stranger's", async () => {
  await after([samples.dnsmasq, samples.home, samples.foreign, samples.helper, samples.hexName], (own) => {
    expect(
      own
        .list(mia)
        .denials.map(({ utility, subject }) => `${utility} ${subject}`)
        .sort(),
    ).toEqual(['berth-helper /old/usr/sbin/chroot', 'dnsmasq /etc/shadow']);
  });
});

it("tells what was tried in a person's name to that person and to root alone", async () => {
  await after([ofMia], (own) => {
    expect(own.list(root).denials).toHaveLength(1);
    expect(own.list(mia).denials).toHaveLength(1);
    expect(own.list(noah).denials).toEqual([]);
  });
});

it('keeps it, and counts nothing twice', async () => {
  await after([samples.dnsmasq], () => undefined);
  await after([samples.dnsmasq], (own) => expect(own.list(root).denials).toMatchObject([{ count: 1, offers: [] }]));
});

it('overwrites nothing that a newer version wrote', async () => {
  const file = path.join(directory, 'denials.json');
  await writeFile(file, JSON.stringify({ schema: 1, denials: [], later: 'kept' }));
  await after([samples.dnsmasq], () => undefined);
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
    later: 'kept',
    denials: [{ subject: '/etc/shadow' }],
  });
});
