// SPDX-License-Identifier: MIT
// Computers that are not as ours are: each time the helper itself, and an instance from its launch to its end.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { instanceName } from '#contract/names.ts';
import { expectSuccess } from '../../support/expect-success.ts';
import { startHelper, type HelperProcess } from '../../support/helper-process.ts';
import { InstanceClient } from '../../support/instance-client.ts';

const run = promisify(execFile);
const limitMs = 600_000;
const shell = (before: string): readonly string[] => ['sh', '-c', `${before}; exec "$@"`, 'sh'];
let helper: HelperProcess | undefined;
let client: InstanceClient;

afterEach(async () => {
  await helper?.stop();
  helper = undefined;
}, limitMs);

async function launched(options: Parameters<typeof startHelper>[0]): Promise<HelperProcess> {
  helper = await startHelper(options);
  client = new InstanceClient(await helper.connect());
  expectSuccess(await client.launch('one'));
  expect(await client.exec('one', 'hostname')).toMatchObject({ stdout: 'one\n', exitCode: 0 });
  return helper;
}

test(
  'state and run directory are mounted noexec, and the state nodev and nosuid',
  async () => {
    await launched({
      prepare: async (state) => {
        const places = [state, path.join(path.dirname(state), 'run')];
        for (const place of places) {
          await mkdir(place);
          await run('mount', ['-t', 'tmpfs', '-o', 'noexec,nodev,nosuid,mode=0711', 'tmpfs', place]);
        }
        return async () => await run('umount', ['--lazy', ...places]);
      },
    });
    expectSuccess(await client.run('instances.restart', 'one'));
    expect(await client.exec('one', 'true')).toMatchObject({ exitCode: 0 });
  },
  limitMs,
);

test(
  '256 open files, umask 077, no home, a locale with letters of its own',
  async () => {
    const { pid, stateDirectory } = await launched({
      within: [
        'prlimit',
        '--nofile=256:256',
        'env',
        '-u',
        'HOME',
        'LANG=tr_TR.UTF-8',
        'LC_ALL=tr_TR.UTF-8',
        ...shell('umask 077'),
      ],
    });
    // raised, where whoever runs this has the right to (CAP_SYS_RESOURCE)
    expect(await readFile(`/proc/${pid}/limits`, 'utf8')).toMatch(/Max open files\s+(?:256|65536)\s+(?:256|65536)\s/);
    expect((await stat(path.join(stateDirectory, 'instances'))).mode & 0o777).toBe(0o711);
  },
  limitMs,
);

test(
  'no IPv6, umask 0, the locale C',
  async () => {
    for (const device of ['all', 'default', 'lo'])
      await writeFile(`/proc/sys/net/ipv6/conf/${device}/disable_ipv6`, '1'); // of this network namespace
    const { stateDirectory } = await launched({ within: ['env', '-u', 'LANG', 'LC_ALL=C', ...shell('umask 0')] });
    expect((await stat(path.join(stateDirectory, 'instances', 'one', 'instance.json'))).mode & 0o777).toBe(0o600);
  },
  limitMs,
);

test(
  'root has no inotify instance left: a helper starts beside a running machine, goes on with it, and doctor names the setting',
  async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'berth-no-inotify-'));
    try {
      const [source, library, mark] = ['refuse.c', 'refuse.so', 'refuse'].map((name) => path.join(directory, name)) as [
        string,
        string,
        string,
      ];
      // What the kernel answers when fs.inotify.max_user_instances is reached. Lowered itself it would be lowered for
      // all of root's programs.
      await writeFile(
        source,
        `#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <unistd.h>
int inotify_init1(int flags) {
  if (access("${mark}", F_OK) == 0) { errno = EMFILE; return -1; }
  return ((int (*)(int))dlsym(RTLD_NEXT, "inotify_init1"))(flags);
}
`,
      );
      await run('cc', ['-shared', '-fPIC', '-Wall', '-Werror', '-o', library, source, '-ldl']);
      const started = await launched({ within: ['env', `LD_PRELOAD=${library}`] });
      expect(await fileWatches()).toMatchObject({ state: 'good' });
      await started.kill9();
      await writeFile(mark, '');
      await started.restart();
      client = new InstanceClient(await started.connect());
      expect(await client.state('one')).toBe('running');
      expect(await client.exec('one', 'sudo', 'sh', '-c', 'echo still-told > /dev/console')).toMatchObject({
        exitCode: 0,
      });
      await client.console('one', (printed) => printed.includes('still-told'));
      expectSuccess(await client.launch('two'));
      expectSuccess(await client.run('instances.stop', 'one'));
      expect(await fileWatches()).toMatchObject({
        state: 'limited',
        fix: 'Raise fs.inotify.max_user_instances and restart the helper.',
      });
      expect(
        (
          await client.connection.request('instances.info', { name: instanceName.parse('two') })
        ).boots?.[0]?.phases.every(({ state }) => state === 'done'),
      ).toBe(true);
    } finally {
      await rm(directory, { recursive: true });
    }
  },
  limitMs,
);

async function fileWatches() {
  return (await client.connection.request('system.doctor', {})).checks.find(({ id }) => id === 'file-watches');
}
