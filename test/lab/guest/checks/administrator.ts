// SPDX-License-Identifier: MIT
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppArmor } from '../../../../native-helper/confinement/apparmor.ts';
import type { RunningMachine } from '../../../../native-helper/core/seams/hypervisor.ts';
import type { MachineSpec } from '../../../../native-helper/core/seams/machine-spec.ts';
import { strictSettings } from '../../../../native-helper/instances/security/security-settings.ts';
import { LocalProcessRunner } from '../../../../native-helper/process/runner.ts';
import {
  assetsDirectory,
  createFixture,
  log,
  startMachine,
  testTaps,
  type Fixture,
} from '../../../integration/hypervisor/fixture.ts';
import { check, refusal } from '../check.ts';
import { newDenials } from '../denials.ts';
import { QmpProbe } from '../qmp-probe.ts';

const signal = AbortSignal.timeout(600_000);
const profile = 'multipass.vm-site.qemu-system-x86_64';

/**
 * A machine in a profile made from TEMPLATE and tuned by the administrator; complain mode on and off while it runs;
 * none at all by security.conf.
 */
export async function checkAdministrator(): Promise<void> {
  await using fixture = await createFixture('/var/lib');
  const directory = path.join(fixture.root, 'config/apparmor');
  await mkdir(directory, { recursive: true, mode: 0o755 });
  await writeFile(
    path.join(directory, 'TEMPLATE'),
    await readFile(path.join(assetsDirectory, 'linux/apparmor/TEMPLATE')),
  );
  const machine = await fixture.machine('vm-site', { security: strictSettings });
  {
    await using undo = new AsyncDisposableStack();
    const running = await startMachine(fixture.hypervisor, machine, testTaps(machine), { signal, log, undo });
    check(
      'administrator',
      'the profile from TEMPLATE is entered',
      (await running.label()) === `${profile} (enforce)`,
      await running.label(),
    );
    check('administrator', 'and denies nothing that the machine needs', (await newDenials()).length === 0);
    running.release(); // QMP takes one client at a time
    using probe = await QmpProbe.connect(machine.qmpSocket);
    await checkTuned(fixture, { machine, running, directory, probe });
    await checkComplain(fixture, { machine, running, probe });
  }
  await checkNone(fixture, machine);
  await newDenials();
}

async function checkTuned(
  fixture: Fixture,
  {
    machine,
    running,
    directory,
    probe,
  }: {
    readonly machine: MachineSpec;
    readonly running: RunningMachine;
    readonly directory: string;
    readonly probe: QmpProbe;
  },
): Promise<void> {
  const site = path.join(fixture.root, 'site.iso');
  await writeFile(site, Buffer.alloc(4096), { mode: 0o644 });
  const before = await probe.openFile(site, true, 'site');
  check('administrator', 'a file that nothing names is denied', before.includes('Permission denied'), before);
  const file = path.join(directory, profile);
  await writeFile(
    file,
    (await readFile(file, 'utf8')).replace('# rules of this site', `"${site}" rk,\n  # rules of this site`),
  );
  await fixture.hypervisor.renew(machine, running.process, signal);
  const after = await probe.openFile(site, true, 'site');
  check('administrator', "and opens once the administrator's file of this machine names it", after === 'opened', after);
  await newDenials();
}

async function checkComplain(
  fixture: Fixture,
  {
    machine,
    running,
    probe,
  }: { readonly machine: MachineSpec; readonly running: RunningMachine; readonly probe: QmpProbe },
): Promise<void> {
  const other = path.join(fixture.root, 'unknown.iso');
  await writeFile(other, Buffer.alloc(4096), { mode: 0o644 });
  await fixture.hypervisor.renew(
    { ...machine, security: { ...strictSettings, mode: 'complain' } },
    running.process,
    signal,
  );
  check(
    'complain',
    'is entered while the machine runs',
    (await running.label()) === `${profile} (complain)`,
    await running.label(),
  );
  const opened = await probe.openFile(other, true, 'complained');
  const lines = await newDenials();
  check('complain', 'lets through what the profile does not name', opened === 'opened', opened);
  check(
    'complain',
    'and the log says what it would have refused',
    lines.some((line) => line.includes('apparmor="ALLOWED"') && line.includes(other)),
    lines.join('\n'),
  );
  const disk = (await running.confinement()).find(({ layer }) => layer === 'apparmor');
  check('complain', 'is not measured as on', disk?.state === 'off', disk?.evidence);
  await probe.run('blockdev-del', { 'node-name': 'complained' });
  await fixture.hypervisor.renew(machine, running.process, signal);
  const again = await probe.openFile(other, true, 'complained');
  check(
    'complain',
    'is left again: the file is denied',
    (await running.label()) === `${profile} (enforce)` && again.includes('Permission denied'),
    again,
  );
}

/** By the administrator's word no profile is entered, none is loaded, and no consent is needed. */
async function checkNone(fixture: Fixture, machine: MachineSpec): Promise<void> {
  await writeFile(path.join(fixture.root, 'config/security.conf'), 'security_driver = "none"\n');
  await using undo = new AsyncDisposableStack();
  const running = await startMachine(fixture.hypervisor, machine, testTaps(machine), { signal, log, undo });
  check(
    'administrator',
    'security_driver = "none" starts a machine without a profile',
    (await running.label()) === 'unconfined',
    await running.label(),
  );
  const { layers } = { layers: await running.confinement() };
  check(
    'administrator',
    'in all the other layers',
    layers
      .filter(({ state }) => state !== 'on')
      .map(({ layer }) => layer)
      .join() === 'apparmor',
    layers,
  );
  await running.kill();
  check(
    'administrator',
    'a broken TEMPLATE is refused by name',
    (
      await refusal(() =>
        new AppArmor(new LocalProcessRunner(), fixture.files.profiles).prepare(
          { name: profile, text: 'profile x { /a quux, }' },
          signal,
        ),
      )
    ).includes('was rejected'),
  );
}
