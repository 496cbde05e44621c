// SPDX-License-Identifier: MIT
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAppArmorEnforced } from '../../../native-helper/confinement/apparmor.ts';
import { HostSecurity } from '../../../native-helper/confinement/host-security.ts';
import type { MachineSpec } from '../../../native-helper/core/seams/machine-spec.ts';
import { strictSettings } from '../../../native-helper/instances/security/security-settings.ts';
import { assetsDirectory, createFixture, log, startMachine, testTaps, type Fixture } from './fixture.ts';

const signal = AbortSignal.timeout(110_000);
let fixture: Fixture;
let directory: string;
let conf: string;
let template: string;

beforeEach(async () => {
  fixture = await createFixture();
  directory = path.join(fixture.root, 'config');
  conf = path.join(directory, 'security.conf');
  template = path.join(directory, 'apparmor/TEMPLATE');
  await mkdir(path.dirname(template), { recursive: true, mode: 0o755 });
});
afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

/** What stands in /proc of a machine that was started under these settings, and its layers. */
async function started(changes: Partial<MachineSpec> = {}): Promise<{
  readonly layers: Record<string, string>;
  readonly status: string;
  readonly dev: string[];
  readonly run: string[];
  readonly disk: number;
}> {
  const machine = await fixture.machine('vm-conf', changes);
  await using undo = new AsyncDisposableStack();
  const running = await startMachine(fixture.hypervisor, machine, testTaps(machine), { signal, log, undo });
  const { pid } = running.process;
  return {
    layers: Object.fromEntries((await running.confinement()).map(({ layer, state }) => [layer, state])),
    status: await readFile(`/proc/${pid}/status`, 'utf8'),
    dev: await readdir(`/proc/${pid}/root/dev`),
    run: await readdir(`/proc/${pid}/root/run`),
    disk: (await stat(machine.disks[0]!.path)).uid,
  };
}

describe('security.conf', () => {
  it('takes single layers away for all machines, and the measurement says so', async () => {
    await writeFile(
      conf,
      'namespaces = []\nseccomp_sandbox = 0\ncgroup_controllers = [ "cpu" ]\nsecurity_driver = "none"\n',
    );
    const { layers, dev, status } = await started({ security: strictSettings });
    expect(layers).toMatchObject({
      seccomp: 'off',
      namespaces: 'off',
      'private-dev': 'off',
      uid: 'on',
      capabilities: 'on',
    });
    expect(layers['devices']).not.toBe('on');
    expect(dev.length).toBeGreaterThan(6);
    expect(status).toMatch(/^CapBnd:\t0+$/m);
  });

  it('gives all machines one user, or root, without capabilities', async () => {
    await writeFile(conf, 'user = "+64055"\ngroup = "+64056"\n');
    const shared = await started();
    expect(shared.status).toMatch(/^Uid:\t64055\t.*\nGid:\t64056\t/m);
    expect(shared.disk).toBe(64055);
    await writeFile(conf, 'security_driver = []\n');
    const root = await started();
    expect(root.status).toMatch(/^Uid:\t0\t/m);
    expect(root.layers).toMatchObject({ uid: 'off', capabilities: 'on', seccomp: 'on', namespaces: 'on' });
    await rm(conf);
    const own = await started();
    expect(own.layers).toMatchObject({ uid: 'on' });
    expect(own.disk).toBeGreaterThan(60_000);
  });

  it('adds a device to every machine, and passes over one that this host lacks', async () => {
    await writeFile(conf, 'cgroup_device_acl = [ "/dev/null", "/dev/net/tun", "/dev/no-such-device" ]\n');
    const { dev, layers } = await started();
    expect(dev.toSorted()).toEqual(['full', 'net', 'null', 'random', 'urandom', 'zero']);
    expect(layers).toMatchObject({ 'private-dev': 'on', devices: 'on' });
  });

  it('with AppArmor asked for starts nothing where the kernel has none, consent or not', async () => {
    await writeFile(conf, 'security_driver = "apparmor"\n');
    if (await isAppArmorEnforced()) expect((await started()).layers).toMatchObject({ apparmor: 'on' });
    else
      await expect(started()).rejects.toMatchObject({
        code: 'confinement.unavailable',
        params: { reason: `${conf} asks for AppArmor, and this kernel has no AppArmor` },
      });
  });

  it.each([
    [
      'belongs to somebody else',
      async () => {
        await writeFile(conf, '');
        await chown(conf, 65534, 0);
      },
      'it belongs to user 65534',
    ],
    [
      'can be written by others',
      async () => {
        await writeFile(conf, '');
        await chmod(conf, 0o664);
      },
      'others than root may write it (mode 664)',
    ],
    [
      'is a link',
      async () => {
        await symlink('/etc/hostname', conf);
      },
      'it is a link',
    ],
    [
      'is not understood',
      async () => {
        await writeFile(conf, 'user = "no-such-user"');
      },
      'there is no user no-such-user',
    ],
    [
      'lies in a directory that others can write',
      async () => {
        await writeFile(conf, '');
        await chmod(directory, 0o777);
      },
      'others than root may write it (mode 777)',
    ],
  ])('that %s starts nothing and says why', async (_, prepare, reason) => {
    await prepare();
    await expect(started()).rejects.toMatchObject({ code: 'confinement.administrator-file', params: { reason } });
    await expect(new HostSecurity(directory).policy()).rejects.toMatchObject({
      code: 'confinement.administrator-file',
    });
  });
});

describe("the administrator's template", () => {
  const profile = 'multipass.vm-conf.qemu-system-x86_64';

  it("makes a file for each new machine, which is the administrator's from then on", async () => {
    await writeFile(template, await readFile(path.join(assetsDirectory, 'linux/apparmor/TEMPLATE')));
    await started();
    const own = path.join(directory, 'apparmor', profile);
    const first = await readFile(own, 'utf8');
    expect(first).toContain(`include <${profile}.files>`);
    expect((await stat(own)).mode & 0o777).toBe(0o644);
    await writeFile(template, 'profile BERTH_TEMPLATE flags=(attach_disconnected) {\n  /srv/** r,\n}\n');
    await writeFile(own, first.replace('# rules of this site, such as', '/opt/tuned r,'));
    await started();
    expect(await readFile(own, 'utf8')).toContain('/opt/tuned r,');
    expect(existsSync(path.join(fixture.files.profiles, profile)), 'the generated part goes with the machine').toBe(
      false,
    );
    expect(existsSync(path.join(fixture.files.profiles, `${profile}.files`))).toBe(false);
  });

  it.each([
    [
      'others can write',
      async () => {
        await chmod(template, 0o666);
      },
      'others than root may write it (mode 666)',
    ],
    [
      'is no profile',
      async () => {
        await writeFile(template, '/srv/** r,\n');
      },
      'it has no profile BERTH_TEMPLATE { … }',
    ],
  ])('that %s starts nothing and says why', async (_, prepare, reason) => {
    await writeFile(template, 'profile BERTH_TEMPLATE flags=(attach_disconnected) {\n}\n');
    await prepare();
    await expect(started()).rejects.toMatchObject({ code: 'confinement.administrator-file', params: { reason } });
  });

  it('that the parser does not take starts nothing', async () => {
    await writeFile(template, 'profile BERTH_TEMPLATE flags=(attach_disconnected) {\n  /srv/** quux,\n}\n');
    await expect(started()).rejects.toMatchObject({ code: 'confinement.profile-rejected' });
  });

  it("gives way to a machine's own file only where that has the machine's profile", async () => {
    await writeFile(path.join(directory, 'apparmor', profile), 'profile multipass.other { }\n');
    await expect(started()).rejects.toMatchObject({
      code: 'confinement.administrator-file',
      params: { reason: `it has no profile ${profile}` },
    });
  });
});
