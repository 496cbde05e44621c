// SPDX-License-Identifier: MIT
import { access, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { macAddress } from '../../../contract/names.ts';
import { checkDocument } from '../../../native-helper/cloudinit/check/check-document.ts';
import { SeedWriter } from '../../../native-helper/cloudinit/seed.ts';
import type { VaultRecord } from '../../../native-helper/core/seams/images.ts';
import { generateSshKeyPair, type SshKeyPair } from '../../../native-helper/guest/keys.ts';
import type { LocalImages } from '../../../native-helper/images/local-images.ts';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import { BareGuest } from '../../support/bare-guest.ts';
import { ImageRig } from '../../support/image-rig.ts';
import { tinyImage } from '../../support/tiny-image.ts';

const runner = new LocalProcessRunner();
const root = { uid: 0, gid: 0 };
const mac = macAddress.parse('52:54:00:12:34:56');
const gibibyte = 1024 ** 3;
const password = 'a pass:word';
let rig: ImageRig;
let vault: LocalImages;
let image: VaultRecord;
let userKey: SshKeyPair;
let hostKey: SshKeyPair;

const limit = (): AbortSignal => AbortSignal.timeout(150_000);
const login = (): { user: string; privateKey: string; hostKey: string } => ({
  user: 'berth',
  privateKey: userKey.privateKey,
  hostKey: hostKey.publicKey,
});

beforeAll(async () => {
  rig = await ImageRig.start();
  vault = await rig.open();
  image = await vault.adoptBuilt(await tinyImage());
  userKey = await generateSshKeyPair('user');
  hostKey = await generateSshKeyPair('host');
});
afterAll(async () => {
  await rig?.[Symbol.asyncDispose]();
});

/** A guest of its own on a new overlay, or again on the one that `name` had. */
async function start(
  name: string,
  userData?: string | Buffer,
  bootLoader?: { readonly firmware?: string },
): Promise<BareGuest> {
  const home = rig.in(name);
  const disk = path.join(home, 'disk.qcow2');
  const seed = path.join(home, 'seed.iso');
  const isNew = await access(disk).then(
    () => false,
    () => true,
  );
  if (isNew) {
    await mkdir(home);
    await vault.createOverlay({ base: image, path: disk, sizeBytes: 3 * gibibyte, owner: root }, limit());
    const identity = {
      hostName: name,
      user: 'berth',
      authorizedKey: userKey.publicKey,
      hostKey,
      timeZone: 'Asia/Tokyo',
    };
    const bytes = userData === undefined ? undefined : Buffer.from(userData);
    const userDocument = bytes && { bytes, report: checkDocument(bytes) };
    await new SeedWriter(runner, rig.files.work).write(
      { identity, instanceId: name, mac, userDocument },
      seed,
      root,
      limit(),
    );
  }
  return await BareGuest.start({ image, disk, seed, mac, directory: home, ...(bootLoader ? { bootLoader } : {}) });
}

describe('tiny', () => {
  it('does what its seed says, answers on serial, and goes down by the power button', async () => {
    await using guest = await start(
      'fox',
      `#cloud-config
password: "${password}"
chpasswd: { expire: false }
write_files:
  - path: /etc/berth/note
    permissions: "0640"
    content: |
      first \\n
        second
runcmd:
  - cat /etc/berth/note > /root/copy
  - [sh, -c, "echo \\"$0 it's\\" > /root/list", "one two"]
`,
    );
    const status = await guest.ssh(
      login(),
      'cloud-init status --wait --long; echo "exit $?"; hostname; date +%Z; sudo cat /root/copy /root/list; sudo stat -c %a /etc/berth/note; df -k / | tail -1',
      limit(),
    );
    expect(status.exitCode).toBe(0);
    const lines = status.stdout.split('\n');
    expect(lines).toEqual(
      expect.arrayContaining(['status: done', 'exit 0', 'fox', 'JST', 'first \\n', '  second', "one two it's", '640']),
    );
    const kilobytes = Number(/\/dev\/vda1\s+(\d+)/.exec(status.stdout)?.[1]);
    expect(kilobytes).toBeGreaterThan(2.7 * 1024 ** 2);
    expect(JSON.parse((await guest.ssh(login(), 'cloud-init status --format json', limit())).stdout)).toMatchObject({
      status: 'done',
      errors: [],
    });

    const log = await guest.console();
    for (const marker of [
      'Linux version',
      'Run /init as init process',
      'tiny: userspace started',
      'Cloud-init v.',
      'fox login:',
    ])
      expect(log).toContain(marker);
    const serial = await guest.typeOnSerial();
    serial.write('\r');
    await guest.waitForConsole('fox login:', limit(), 2);
    serial.write('berth\r');
    await guest.waitForConsole('Password:', limit());
    serial.write(`${password}\r`);
    await guest.waitForConsole('berth@fox:~$', limit());
    serial.write('echo $((6*7))-$(id -un); exit\r');
    await guest.waitForConsole('42-berth', limit());
    await guest.waitForConsole('fox login:', limit(), 3);
    serial.destroy();

    await guest.pressPowerButton();
    expect(await guest.ended(limit())).toBeLessThan(10_000);
    expect(await guest.console()).toContain('reboot: Power down');
  });

  it('keeps what it has over a restart and acts once per instance', async () => {
    const marker = '#cloud-config\nruncmd: ["echo x >> /root/count"]\n';
    {
      await using guest = await start('elk', marker);
      expect(
        (
          await guest.ssh(
            login(),
            'cloud-init status --wait > /dev/null; sudo touch /etc/kept; sync; sudo reboot; sleep 1',
            limit(),
          )
        ).exitCode,
      ).toBeDefined();
      await guest.waitForConsole('tiny: userspace started', limit(), 2);
      const again = await guest.ssh(
        login(),
        'cloud-init status --wait; ls /etc/kept; sudo cat /root/count; hostname; sudo poweroff',
        limit(),
      );
      expect(again.stdout).toBe('status: done\n/etc/kept\nx\nelk\n');
      await guest.ended(limit());
    }
    await using guest = await start('elk');
    const third = await guest.ssh(login(), 'sudo cat /root/count; sudo dmesg', limit());
    expect(third.stdout).toMatch(/^x\n[^x]/);
    expect(third.stdout).not.toContain('recovery');
  });

  it.each([
    [
      'mime',
      'Content-Type: multipart/mixed; boundary="=b="\nMIME-Version: 1.0\n\n--=b=\nContent-Type: text/cloud-config\n\n#cloud-config\nruncmd: [echo part > /root/result]\n--=b=\nContent-Type: text/x-shellscript\nContent-Transfer-Encoding: base64\n\n' +
        `${Buffer.from('#!/bin/sh\necho script >> /root/result\n').toString('base64')}\n--=b=--\n`,
      'part\nscript\n',
    ],
    [
      'jinja',
      '## template: jinja\n#cloud-config\nruncmd:\n  - echo {{ v1.local_hostname }} > /root/result\n',
      'jinja\n',
    ],
  ])('understands a %s document beside its own', async (name, userData, result) => {
    await using guest = await start(name, userData);
    const answer = await guest.ssh(
      login(),
      'cloud-init status --wait > /dev/null; hostname; sudo cat /root/result',
      limit(),
    );
    expect(answer.stdout).toBe(`${name}\n${result}`);
  });

  it('unpacks gzip, and makes whom it names beside its own user', async () => {
    await using guest = await start(
      'gnu',
      gzipSync(
        '#cloud-config\nusers:\n  - name: ada\n    shell: /bin/sh\nssh_keys: {ed25519_private: none}\nruncmd:\n  - id -un ada > /root/result\n',
      ),
    );
    const answer = await guest.ssh(login(), 'cloud-init status --wait; id -un; sudo -n cat /root/result', limit());
    expect(answer.stdout).toBe('status: done\nberth\nada\n');
  });

  it('restarted by a command of its document, acts once all the same', async () => {
    await using guest = await start(
      'yak',
      '#cloud-config\nruncmd:\n  - echo x >> /root/count\n  - sync; reboot; sleep 30\n',
    );
    await guest.waitForConsole('tiny: userspace started', limit(), 2);
    const answer = await guest.ssh(login(), 'cloud-init status --wait; sudo cat /root/count', limit());
    expect(answer.stdout).toBe('status: done\nx\n');
  });

  it('reports a command that fails as cloud-init does', async () => {
    await using guest = await start('owl', '#cloud-config\nruncmd: ["exit 3"]\n');
    const answer = await guest.ssh(
      login(),
      'cloud-init status --wait; echo "exit $?"; cloud-init status --format json',
      limit(),
    );
    expect(answer.stdout).toMatch(/^status: error\nexit 1\n/);
    expect(answer.stdout).toContain('exit code 3');
  });

  it.each([
    ['bios', {}],
    ['uefi', { firmware: '/usr/share/ovmf/OVMF.fd' }],
  ])('starts by its own boot loader, %s', async (name, bootLoader) => {
    await using guest = await start(name, undefined, bootLoader);
    expect((await guest.ssh(login(), 'hostname', limit())).stdout).toBe(`${name}\n`);
  });
});
