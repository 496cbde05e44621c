// SPDX-License-Identifier: MIT
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { instanceName } from '#contract/names.ts';
import { copyProgram } from '../test/support/copy-program.ts';
import { BenchHelper } from './lib/bench-helper.ts';
import { ForwardSshfs } from './lib/forward-sshfs.ts';
import { runInGuest } from './lib/guest.ts';
import { isInstalled, runProgram } from './lib/programs.ts';
import { figure, type Benchmark, type Figure } from './lib/result.ts';
import { median } from './lib/statistics.ts';

/** One: half a gigabyte through an emulated guest takes a minute each time. */
const rounds = 1;
const name = instanceName.parse('shares');
const git = '/tools/ld.so --library-path /tools /tools/git -c safe.directory=* -c core.fsmonitor=false';
const plain = '/mnt/plain';
const targets = [plain, '/mnt/sshfs', '/mnt/virtiofs'];
const dropCaches = 'sync; echo 3 > /proc/sys/vm/drop_caches';

/** What is timed, as shell of the guest's root inside the mounted folder; what comes before it is not. */
const tasks: readonly { readonly what: string; readonly prepare?: string; readonly run: string }[] = [
  {
    what: 'create 5,000 files',
    prepare: 'rm -rf made; mkdir made',
    run: 'i=0; while [ $i -lt 5000 ]; do : > made/$i; i=$((i + 1)); done',
  },
  { what: 'untar 1,700 files', prepare: 'rm -rf out; mkdir out', run: 'tar -xf /tools/tree.tar -C out' },
  {
    what: 'git status of 1,700 files',
    prepare: dropCaches,
    run: `cd repository && ${git} status --porcelain > /dev/null`,
  },
  { what: 'ls -l of 10,000 files', prepare: dropCaches, run: 'ls -l many > /dev/null' },
  { what: 'write 512 MB', prepare: 'rm -f big', run: 'dd if=/dev/zero of=big bs=1M count=512 conv=fsync 2> /dev/null' },
  { what: 'read 512 MB', prepare: dropCaches, run: 'dd if=big of=/dev/null bs=1M 2> /dev/null' },
];

/** The product's two ways into a guest beside sshfs of the guest over OpenSSH's server here, all on one guest. */
export const shares: Benchmark = {
  name: 'shares',
  run: async (signal) => {
    if (!(await isInstalled('/usr/sbin/sshd')))
      return [
        figure('plain sshfs', '', [], { note: 'openssh-server is not installed: there is nothing to compare with' }),
      ];
    await using helper = await BenchHelper.start();
    const directory = await mkdtemp('/var/tmp/berth-bench-shares-');
    try {
      await makeFolder(directory);
      await helper.launch(name, signal);
      const folder = path.join(directory, 'shared');
      for (const type of ['sshfs', 'virtiofs'] as const) {
        const { state, transport, overSsh } = await helper.connection.request('mounts.add', {
          name,
          source: folder,
          target: `/mnt/${type}`,
          type,
        });
        if (state !== 'connected' || transport !== type || overSsh)
          throw new Error(`${type} is ${state} by ${transport ?? 'nothing'}${overSsh ? ' over SSH' : ''}`);
      }
      await helper.connection.request('mounts.add', {
        name,
        source: path.join(directory, 'tools'),
        target: '/tools',
        type: 'virtiofs',
        isReadOnly: true,
      });
      // Programs are read from the guest's own disk, not over what is measured.
      await runInGuest(
        helper.connection,
        name,
        'mkdir -p /opt && cp -r /tools /opt/tools && umount /tools && rmdir /tools; ln -s /opt/tools /tools',
      );
      await using _plain = await ForwardSshfs.start({
        connection: helper.connection,
        name,
        folder,
        directory,
        target: plain,
      });
      return await measure(helper, signal);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
};

async function measure(helper: BenchHelper, signal: AbortSignal): Promise<Figure[]> {
  const samples = new Map<string, number[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const { what, prepare, run } of tasks) {
      for (const target of targets) {
        signal.throwIfAborted();
        // attributes are remembered for two seconds
        await runInGuest(helper.connection, name, `cd ${target}; ${prepare ?? ':'}; sleep 2`);
        const beganMs = performance.now();
        await runInGuest(helper.connection, name, `cd ${target}; ${run}`);
        const key = `${what} ${target}`;
        const seconds = (performance.now() - beganMs) / 1000;
        process.stderr.write(`  ${key}: ${seconds.toFixed(1)} s\n`);
        samples.set(key, [...(samples.get(key) ?? []), seconds]);
      }
    }
  }
  return tasks.flatMap(({ what }) => {
    const of = (target: string): number[] => samples.get(`${what} ${target}`) ?? [];
    return targets.map((target) =>
      figure(`${what}, ${path.basename(target)}`, 's', of(target), {
        ...(target === plain ? {} : { ratio: median(of(target)) / median(of(plain)) }),
        ...(target === '/mnt/sshfs' ? { target: 'at most 1.1' } : {}),
      }),
    );
  });
}

/** A folder to share, and what the guest needs besides: git with its libraries, and an archive. */
async function makeFolder(directory: string): Promise<void> {
  const [tools, tree, many] = [
    path.join(directory, 'tools'),
    path.join(directory, 'shared/repository'),
    path.join(directory, 'shared/many'),
  ];
  for (const each of [tools, tree, many]) await mkdir(each, { recursive: true });
  for (let number = 0; number < 1700; number += 1) {
    await mkdir(path.join(tree, String(number % 100)), { recursive: true });
    await writeFile(path.join(tree, String(number % 100), `file-${number}.txt`), `${number}\n`.repeat(300));
  }
  await runProgram('tar', ['-cf', path.join(tools, 'tree.tar'), '-C', tree, '.']);
  await runProgram('sh', [
    '-c',
    'cd "$1" && git init -q . && git add -A && git -c user.name=b -c user.email=b@b commit -qm all',
    'sh',
    tree,
  ]);
  for (let number = 0; number < 10_000; number += 1) await writeFile(path.join(many, `file-${number}`), '');
  await copyProgram('/usr/bin/git', tools);
}
