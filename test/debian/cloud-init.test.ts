// SPDX-License-Identifier: MIT
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../scripts/lib/paths.ts';
import { runBerth, type BerthResult } from '../cli/run-berth.ts';
import { startHelper, type HelperProcess } from '../support/helper-process.ts';

/** Whole boots of Debian with its own cloud-init and systemd; `npm run test:debian` builds the image. */
let helper: HelperProcess;
const guestTimeMs = 15 * 60_000;

beforeAll(async () => {
  helper = await startHelper({ seedImages: path.join(root, '.cache/guests') });
}, 60_000);
afterAll(async () => {
  await helper.stop();
}, 60_000);

async function launch(name: string, document: string): Promise<BerthResult> {
  const args = [
    'launch',
    'debian-12',
    '--name',
    name,
    '--cpus',
    '2',
    '--memory',
    '768M',
    '--without-apparmor',
    '--cloud-init',
    '-',
    '--strict-cloud-init',
  ];
  const launched = await runBerth(helper.runDirectory, args, { input: document, hangMs: guestTimeMs });
  expect(launched, launched.stderr).toMatchObject({ exitCode: 0 });
  return launched;
}

async function exec(name: string, line: string): Promise<string> {
  const { stdout, stderr } = await runBerth(helper.runDirectory, ['exec', name, '--', 'sh', '-c', line]);
  return `${stdout.toString()}${stderr}`;
}

const remove = async (name: string): Promise<void> => {
  await runBerth(helper.runDirectory, ['delete', '--purge', '--force', '--yes', name]);
};

test(
  "users by jinja take the place of the default user: Berth's is there all the same",
  async () => {
    await launch(
      'jinja',
      await readFile(path.join(root, 'test/integration/cloudinit/cases/a14-jinja-users.yaml'), 'utf8'),
    );
    expect(
      await exec('jinja', 'id -un; sudo -n id -un; id -un erin; cat /etc/motd; echo; sudo cat /etc/sudoers.d/90-berth'),
    ).toBe('debian\nroot\nerin\nthis is jinja\ndebian ALL=(ALL) NOPASSWD:ALL\n');
    await remove('jinja');
  },
  guestTimeMs,
);

test(
  'without vendor data, with another host key, a password that is to be changed and a restart',
  async () => {
    const { stderr } = await launch(
      'odd',
      `#cloud-config
vendor_data: {enabled: false}
password: secret
ssh_keys:
  ed25519_public: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB2tAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA mine
write_files:
  - {path: /etc/mode, permissions: 0640, content: ""}
runcmd:
  - echo once >> /root/log
  - reboot
`,
    );
    expect(stderr).toContain('after it restarted once');
    expect(await exec('odd', 'id -un; sudo -n cat /root/log; stat -c %a /etc/mode; id -Gn')).toMatch(
      /^debian\nonce\n640\ndebian .*sudo/,
    );
    await remove('odd');
  },
  guestTimeMs,
);

test(
  "the shortest document: the password is the default user's",
  async () => {
    await launch(
      'plain',
      await readFile(path.join(root, 'test/integration/cloudinit/cases/a1-password-default-user.yaml'), 'utf8'),
    );
    expect(
      await exec(
        'plain',
        'id -un; sudo -n passwd -S debian | cut -d " " -f 1,2; cat .ssh/authorized_keys | cut -d " " -f 3 | sort; sudo -n ls /etc/sudoers.d',
      ),
    ).toMatch(/^debian\ndebian P\nberth-plain\nown-key-toplevel\n90-cloud-init-users\n/);
    await remove('plain');
  },
  guestTimeMs,
);
