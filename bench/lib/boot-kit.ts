// SPDX-License-Identifier: MIT
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { MachineSpec } from '../../native-helper/core/seams/machine-spec.ts';
import { parseDocument } from '../../native-helper/store/document.ts';
import { instanceDocument } from '../../native-helper/store/instance-record.ts';
import type { BenchHelper } from './bench-helper.ts';
import { benchMachine } from './bench-helper.ts';
import { runProgram } from './programs.ts';

/**
 * What a machine outside the product needs to boot exactly as one inside: the product's own specification and files.
 */
export interface BootKit {
  /** As the product started it. */
  readonly spec: MachineSpec;
  readonly directory: string;
  /** A fresh overlay on the same vault image, of the same size. */
  freshDisk(name: string, signal: AbortSignal): Promise<string>;
}

/** Launches an instance, keeps its specification, and leaves it stopped: its seed serves the other contenders. */
export async function makeBootKit(helper: BenchHelper, signal: AbortSignal): Promise<BootKit> {
  await helper.launch('template', signal);
  const directory = path.join(helper.directory, 'kit');
  await mkdir(directory);
  const file = path.join(helper.stateDirectory, 'instances/template/instance.json');
  const record = parseDocument(instanceDocument, await readFile(file, 'utf8'), file);
  const spec = record.machine?.spec;
  const base = spec?.disks[0]?.backingPaths[0];
  if (!spec || !base || spec.cpus !== benchMachine.cpus)
    throw new Error('the launched template has no machine in its record');
  const { operationId } = await helper.connection.request('instances.stop', { name: 'template', force: true });
  await helper.connection.request('operations.wait', { id: operationId }, { signal });
  return {
    spec,
    directory,
    freshDisk: async (name, stop) => {
      const disk = path.join(directory, `${name}.qcow2`);
      await runProgram(
        'qemu-img',
        ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', base, disk, String(record.diskBytes)],
        stop,
      );
      return disk;
    },
  };
}
