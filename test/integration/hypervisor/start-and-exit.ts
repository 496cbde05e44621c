// SPDX-License-Identifier: MIT
// A helper that starts a machine and dies: run by driver.test.ts with the specification as its argument.
import { HostSecurity } from '../../../native-helper/confinement/host-security.ts';
import { QemuHypervisor } from '../../../native-helper/hypervisor/qemu/driver.ts';
import type { MachineSpec } from '../../../native-helper/core/seams/machine-spec.ts';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import { Files } from '../../../native-helper/store/files.ts';
import { assetsDirectory, log, startMachine, testTaps } from './fixture.ts';

const { root, machine } = JSON.parse(process.argv[2] ?? '') as { root: string; machine: MachineSpec };
const hypervisor = new QemuHypervisor({
  runner: new LocalProcessRunner(),
  files: new Files(`${root}/state`, `${root}/run`),
  hostSecurity: new HostSecurity(`${root}/config`),
  log,
  assetsDirectory,
  accelerator: 'tcg',
});
const undo = new AsyncDisposableStack();
const running = await startMachine(hypervisor, machine, testTaps(machine), {
  signal: new AbortController().signal,
  log,
  undo,
});
process.stdout.write(JSON.stringify(running.process), () => process.kill(process.pid, 'SIGKILL'));
