// SPDX-License-Identifier: MIT
import { copyFile, mkdir, mkdtemp, open, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalProcessRunner } from '../../../native-helper/process/runner.ts';
import { isAlive, readStat, referTo } from '../../../native-helper/process/proc-fs.ts';

const runner = new LocalProcessRunner();
const signal = new AbortController().signal;
const sh = (script: string) => ({ program: 'sh', args: ['-c', script], confinement: 'none-needed' as const });
let directory = '';

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'berth-process-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true });
});

describe('run', () => {
  it('returns what the program printed, with a clean environment', async () => {
    process.env['BERTH_LEAK'] = 'yes';
    const output = await runner.run(sh('cat; env; echo oops >&2'), { signal, input: 'fed\n' });
    expect(output.stdout).toContain('fed\n');
    expect(output.stdout).toContain('LC_ALL=C');
    expect(output.stdout).not.toContain('BERTH_LEAK');
    expect(output.stderr).toBe('oops');
  });

  it('fails with program, status and the last lines', async () => {
    await expect(runner.run(sh('for i in 1 2 3; do echo line $i >&2; done; exit 7'), { signal })).rejects.toMatchObject(
      {
        code: 'process.failed',
        params: { program: 'sh', status: 'exit code 7', reason: 'line 1\nline 2\nline 3' },
      },
    );
  });

  it('refuses a program that is not in the list', async () => {
    await expect(runner.run({ program: 'rm', args: [], confinement: 'none-needed' }, { signal })).rejects.toMatchObject(
      { code: 'internal.bug' },
    );
  });

  it('ends the whole process group on abort and rejects with AbortError', async () => {
    const controller = new AbortController();
    const pids = Promise.withResolvers<number[]>();
    const running = runner.run(sh('sleep 100 & echo $$ $!; wait'), {
      signal: controller.signal,
      onStdout: (chunk) => pids.resolve(chunk.toString().trim().split(' ').map(Number)),
    });
    const started = await pids.promise;
    controller.abort();
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    for (const pid of started) await expect.poll(() => referTo(pid)).toBeUndefined();
  });

  it('kills what ignores TERM after the time limit', async () => {
    await expect(
      runner.run(sh('trap "" TERM; while :; do sleep 1; done'), { signal, timeoutMs: 200 }),
    ).rejects.toMatchObject({ code: 'process.failed', params: { reason: 'took longer than 200 ms' } });
  }, 15_000);

  it('bounds the output that it keeps', async () => {
    await expect(runner.run(sh('exec cat /dev/zero'), { signal })).rejects.toMatchObject({
      code: 'process.failed',
      params: { reason: expect.stringContaining('printed more than') as string },
    });
  }, 20_000);

  it("keeps to 64 KiB of a user's process, or to what is asked for", async () => {
    const user = { runAs: { uid: 61001, gid: 61002 } };
    await expect(runner.run({ ...sh('head -c 65537 /dev/zero'), ...user }, { signal })).rejects.toMatchObject({
      params: { reason: 'printed more than 65536 bytes' },
    });
    await expect(runner.run({ ...sh('head -c 65536 /dev/zero'), ...user }, { signal })).resolves.toBeDefined();
    await expect(
      runner.run({ ...sh('head -c 11 /dev/zero'), ...user }, { signal, mostOutputBytes: 10 }),
    ).rejects.toMatchObject({ params: { reason: 'printed more than 10 bytes' } });
  });

  it('stops a streamed program whose output somebody else holds open', async () => {
    const child = await runner.stream(sh('setsid sleep 20 & echo $!'));
    const { value } = await child.blocks.next();
    const holder = Number(value?.toString());
    await child.stop();
    await expect(child.blocks.next()).resolves.toMatchObject({ done: true });
    process.kill(holder, 'SIGKILL');
  }, 15_000);

  it('drops to another user with no groups, no capabilities and no way back', async () => {
    const { stdout } = await runner.run(
      {
        ...sh('grep -E "^(Uid|Gid|Groups|CapBnd|CapEff|NoNewPrivs)" /proc/self/status'),
        runAs: { uid: 61001, gid: 61002 },
      },
      { signal },
    );
    const fields = Object.fromEntries(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split(/:\s*/, 2)),
    );
    expect(fields).toEqual({
      Uid: '61001\t61001\t61001\t61001',
      Gid: '61002\t61002\t61002\t61002',
      Groups: '',
      CapEff: '0000000000000000',
      CapBnd: '0000000000000000',
      NoNewPrivs: '1',
    });
  });

  it('starts a program of ours that becomes the user itself, out of a directory that the user may not enter', async () => {
    const closed = path.join(directory, 'closed');
    await mkdir(closed, { mode: 0o700 });
    await copyFile(
      path.resolve(import.meta.dirname, '../../../native-helper/posix/become-user.ts'),
      path.join(closed, 'become-user.ts'),
    );
    const program = path.join(closed, 'program.ts');
    await writeFile(
      program,
      `import { readFileSync } from 'node:fs';
      import { becomeUser } from './become-user.ts';
      becomeUser();
      const fields = Object.fromEntries(readFileSync('/proc/self/status', 'utf8').split('\\n').map((line) => line.split(/:\\s*/, 2)));
      const refusals = [() => readFileSync(process.argv[1]), () => process.setuid(0)].map((attempt) => { try { attempt(); return 'done'; } catch (error) { return error.code; } });
      console.log(JSON.stringify({ refusals, uid: fields.Uid, gid: fields.Gid, groups: fields.Groups, capabilities: fields.CapEff + fields.CapPrm, mayGain: fields.NoNewPrivs }));`,
    );
    const { stdout } = await runner.run(
      {
        program: 'node',
        args: ['--no-warnings', program],
        becomes: { uid: 61001, gid: 61002 },
        confinement: 'none-needed',
      },
      { signal },
    );
    expect(JSON.parse(stdout)).toEqual({
      refusals: ['EACCES', 'EPERM'],
      uid: '61001\t61001\t61001\t61001',
      gid: '61002\t61002\t61002\t61002',
      groups: '',
      capabilities: '0'.repeat(32),
      mayGain: '1',
    });
    await expect(
      runner.run({ program: 'node', args: ['--no-warnings', program], confinement: 'none-needed' }, { signal }),
    ).rejects.toMatchObject({
      code: 'process.failed',
      params: { reason: expect.stringContaining('names no user') as string },
    });
  });

  it('hands descriptors on from 3 up, also to another user', async () => {
    const secret = path.join(directory, 'secret');
    await writeFile(secret, 'handed on', { mode: 0o600 });
    const handle = await open(secret, 'r');
    const owner = { uid: 61001, gid: 61002 };
    const output = await runner.run({ ...sh('cat <&3'), runAs: owner, passedFds: [handle.fd] }, { signal });
    await handle.close();
    await expect(
      runner.run({ program: 'cat', args: [secret], confinement: 'none-needed', runAs: owner }, { signal }),
    ).rejects.toMatchObject({ code: 'process.failed' });
    expect(output.stdout).toBe('handed on');
  });
});

describe('spawn', () => {
  it('refers to the process by its start time and keeps its last errors', async () => {
    const child = await runner.spawn(sh('echo ready >&2; exec sleep 100'));
    expect(await isAlive(child.ref)).toBe(true);
    expect(await isAlive({ ...child.ref, startTicks: child.ref.startTicks + 1 })).toBe(false);
    await expect.poll(() => child.recentErrors()).toEqual(['ready']);
    await child.stop();
    expect(await child.exited).toEqual({ exitCode: null, signal: 'SIGTERM' });
    expect(await isAlive(child.ref)).toBe(false);
  });

  it('leads a session of its own', async () => {
    const child = await runner.spawn(sh('exec sleep 100'));
    expect((await readStat(child.ref.pid))?.parentPid).toBe(process.pid);
    // proc(5): field 5 is the process group, field 6 the session
    expect((await readFile(`/proc/${child.ref.pid}/stat`, 'utf8')).split(') ').at(-1)?.split(' ').slice(2, 4)).toEqual([
      String(child.ref.pid),
      String(child.ref.pid),
    ]);
    await child.stop();
  });

  it('appends to a log and refuses a link in its place', async () => {
    const logPath = path.join(directory, 'log');
    for (const word of ['first', 'second'])
      await (
        await runner.spawn(sh(`echo ${word}; echo err >&2`), { logPath })
      ).exited;
    expect(await readFile(logPath, 'utf8')).toBe('first\nerr\nsecond\nerr\n');
    await symlink(logPath, path.join(directory, 'link'));
    await expect(runner.spawn(sh('true'), { logPath: path.join(directory, 'link') })).rejects.toMatchObject({
      code: 'storage.failed',
    });
  });

  it('survives a child that ends at once', async () => {
    const child = await runner.spawn(sh('exit 3'));
    expect(await child.exited).toEqual({ exitCode: 3, signal: null });
    await child.stop();
  });
});
