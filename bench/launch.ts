// SPDX-License-Identifier: MIT
import { BenchHelper } from './lib/bench-helper.ts';
import { makeBootKit } from './lib/boot-kit.ts';
import { bareContender, libvirtContender, productContender, type Contender } from './lib/contenders.ts';
import { LabNetwork } from './lib/lab-network.ts';
import { LibvirtDaemon } from './lib/libvirt-daemon.ts';
import { figure, type Benchmark, type Figure } from './lib/result.ts';
import { median } from './lib/statistics.ts';

const rounds = 5;

/** Order to SSH banner: the product, QEMU alone, and libvirt, in turn, so that the machine's mood meets all of them. */
export const launch: Benchmark = {
  name: 'launch',
  run: async (signal) => {
    await using helper = await BenchHelper.start();
    await helper.connection.request('events.subscribe', {});
    const kit = await makeBootKit(helper, signal);
    await using network = await LabNetwork.start();
    const libvirt = await LibvirtDaemon.start();
    const contenders: [string, Contender][] = [
      ['berth launch', productContender(helper)],
      ['bare QEMU', bareContender(kit, network)],
    ];
    if (typeof libvirt !== 'string')
      contenders.push(['virt-install --import', libvirtContender(kit, network, libvirt.uri)]);
    const failures = new Map<string, string>(typeof libvirt === 'string' ? [['virt-install --import', libvirt]] : []);
    const samples = new Map<string, number[]>();
    try {
      for (let round = 1; round <= rounds; round += 1) {
        for (const [name, contender] of contenders) {
          if (failures.has(name)) continue;
          try {
            samples.set(name, [
              ...(samples.get(name) ?? []),
              await contender(round, AbortSignal.any([signal, AbortSignal.timeout(120_000)])),
            ]);
          } catch (error) {
            failures.set(name, error instanceof Error ? error.message : String(error));
          }
        }
      }
    } finally {
      if (typeof libvirt !== 'string') await libvirt[Symbol.asyncDispose]();
    }
    return toFigures(samples, failures);
  },
};

function toFigures(
  samples: ReadonlyMap<string, readonly number[]>,
  failures: ReadonlyMap<string, string>,
): readonly Figure[] {
  const product = median(samples.get('berth launch') ?? []);
  return [...new Set([...samples.keys(), ...failures.keys()])].map((name) => {
    const values = samples.get(name) ?? [];
    const failure = failures.get(name);
    const isOther = name !== 'berth launch' && values.length > 0;
    return figure(`${name} to SSH banner`, 'ms', values, {
      ...(isOther
        ? {
            ratio: product / median(values),
            target: name === 'bare QEMU' ? 'berth at most 1.06 times this' : 'berth ahead of this',
          }
        : {}),
      ...(failure ? { note: failure } : {}),
    });
  });
}
