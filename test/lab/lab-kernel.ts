// SPDX-License-Identifier: MIT
import { access, copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { assetsDirectory } from '../../native-helper/core/assets.ts';
import { bootstrap } from '../../native-helper/images/build/bootstrap.ts';
import { runStep, type BuildContext } from '../../native-helper/images/build/build-step.ts';
import { packInitrd } from '../../native-helper/images/build/initrd.ts';
import { loadOrder, parseModulesDep } from '../../native-helper/images/build/kernel-modules.ts';
import { LocalProcessRunner } from '../../native-helper/process/runner.ts';

const cache = path.resolve(import.meta.dirname, '../../.cache/lab');

/**
 * The host's root over 9p, taps, what bridge, NAT and DHCP need, and KVM, for which QEMU emulates an AMD processor with
 * SVM.
 */
const modules = [
  'crc32c_generic',
  'virtio_pci',
  '9p',
  '9pnet_virtio',
  'virtio_rng',
  'overlay',
  'tun',
  'bridge',
  'veth',
  'af_packet',
  'nf_tables',
  'nft_chain_nat',
  'nft_masq',
  'nft_ct',
  'nft_reject_inet',
  'nft_fib_inet',
  'nf_nat',
  'loop',
  'fuse',
  'vhost_net',
  'kvm_amd',
];

export interface LabKernel {
  readonly kernel: string;
  readonly initrd: string;
}

/**
 * Debian's own kernel, which has AppArmor, with an initrd that mounts the host's root; kept in .cache/lab, made where
 * it is not there.
 */
export async function labKernel(): Promise<LabKernel> {
  const unpacked = path.join(cache, 'packages');
  const made = { kernel: path.join(cache, 'kernel'), initrd: path.join(cache, 'initrd') };
  const context: BuildContext = {
    runner: new LocalProcessRunner(),
    assetsDirectory,
    signal: AbortSignal.timeout(15 * 60_000),
    report: () => {},
  };
  if (
    !(await access(made.kernel).then(
      () => true,
      () => false,
    ))
  )
    await unpackKernel(context, unpacked, made.kernel);
  await writeInitrd(unpacked, made.initrd);
  return made;
}

/** Where that kernel's packages are unpacked, and its modules in there. */
export async function labKernelDirectory(): Promise<{ readonly packages: string; readonly modules: string }> {
  const packages = path.join(cache, 'packages');
  return { packages, modules: path.join(packages, 'lib/modules', await kernelVersion(packages)) };
}

async function unpackKernel(context: BuildContext, unpacked: string, kernel: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  await rm(unpacked, { recursive: true, force: true });
  await bootstrap(context, {
    directory: unpacked,
    variant: 'extract',
    packages: ['linux-image-amd64', 'busybox-static'],
    excluded: ['/usr/share/*', '/lib/modules/*/kernel/drivers/gpu/*', '/lib/modules/*/kernel/sound/*'],
    from: 0,
    to: 0.8,
  });
  const version = await kernelVersion(unpacked);
  await runStep(context, 'depmod', ['-b', unpacked, version]);
  await copyFile(path.join(unpacked, 'boot', `vmlinuz-${version}`), `${kernel}.new`);
  await rename(`${kernel}.new`, kernel); // last: a kernel that is there is complete
}

/** Made anew each time: it is quick, and the init script is a file of this repository. */
async function writeInitrd(unpacked: string, initrd: string): Promise<void> {
  const directory = path.join(unpacked, 'lib/modules', await kernelVersion(unpacked));
  const index = parseModulesDep(await readFile(path.join(directory, 'modules.dep'), 'utf8'));
  await writeFile(
    initrd,
    await packInitrd({
      busybox: path.join(unpacked, 'bin/busybox'),
      init: path.join(import.meta.dirname, 'guest/init'),
      modules: { first: loadOrder(index, modules).map((file) => path.join(directory, file)), later: [] },
    }),
  );
}

async function kernelVersion(unpacked: string): Promise<string> {
  const [version] = await readdir(path.join(unpacked, 'lib/modules'));
  if (version === undefined) throw new Error(`no kernel in ${unpacked}`);
  return version;
}
