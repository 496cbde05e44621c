// SPDX-License-Identifier: MIT
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AppArmor } from '../../native-helper/confinement/apparmor.ts';
import type { ProcessRunner } from '../../native-helper/core/seams/processes.ts';
import { convert } from '../../native-helper/images/convert/convert.ts';
import { unpack } from '../../native-helper/images/convert/unpack.ts';
import type { BringContext } from '../../native-helper/images/vault/staging-source.ts';
import { LocalProcessRunner } from '../../native-helper/process/runner.ts';

let place: string;
let secret: string;
beforeAll(async () => {
  place = await mkdtemp(path.join(os.tmpdir(), 'berth-conversion-'));
  await chmod(place, 0o711);
  secret = path.join(place, 'secret');
  await writeFile(secret, "root's", { mode: 0o600 });
});
afterAll(async () => {
  await rm(place, { recursive: true });
});

const context = { signal: AbortSignal.timeout(60_000), report: () => undefined } as unknown as BringContext;
const user = { uid: 1_901_000_001, gid: 1_901_000_001 };
const appArmor = { prepare: () => Promise.resolve(undefined), remove: () => Promise.resolve() } as unknown as AppArmor;

/** qemu-img as an image took it over: the same user and limits, and in place of the result what the line leaves. */
function takenOver(line: string): ProcessRunner {
  const runner = new LocalProcessRunner();
  return new Proxy(runner, {
    get(target, name) {
      if (name !== 'run') return Reflect.get(target, name) as unknown;
      const run: ProcessRunner['run'] = async (spec, options) => {
        const result = String(spec.args.at(-1));
        return await target.run(
          spec.args[0] === 'convert' ? { ...spec, program: 'sh', args: ['-c', line, 'sh', secret, result] } : spec,
          options,
        );
      };
      return run;
    },
  });
}

it.each([
  ['a link', 'ln -s "$1" "$2"'],
  ['a FIFO', 'mkfifo "$2"'],
  ['a file with a second name', 'echo x > "$2" && ln "$2" other'],
  ['a folder', 'rm -f "$2"; mkdir "$2"'],
  ['its input changed', 'chmod u+w source; echo changed > source'],
  ['a program that can still change its result', 'sleep 5 3>> "$2" > /dev/null 2>&1 &'],
])("qemu-img that leaves %s makes nothing of root's everybody's", async (_, line) => {
  const room = await mkdtemp(path.join(place, 'room-'));
  const source = path.join(room, 'source');
  await writeFile(source, Buffer.alloc(1024 * 1024));
  await chmod(room, 0o700);
  const disk = path.join(place, `disk-${path.basename(room)}`);
  await expect(
    convert({ source, format: 'raw', disk, shownPath: 'x', runner: takenOver(line), appArmor, user }, context),
  ).rejects.toThrow();
  expect(await readFile(source)).toEqual(Buffer.alloc(1024 * 1024));
  expect((await stat(secret)).mode & 0o777).toBe(0o600);
});

it("an honest one leaves a disk that is root's", async () => {
  const room = await mkdtemp(path.join(place, 'room-'));
  const source = path.join(room, 'source');
  await writeFile(source, Buffer.alloc(1024 * 1024));
  await convert(
    {
      source,
      format: 'raw',
      disk: path.join(place, 'good'),
      shownPath: 'x',
      runner: new LocalProcessRunner(),
      appArmor,
      user,
    },
    context,
  );
  expect(await stat(path.join(place, 'good'))).toMatchObject({ uid: 0, nlink: 1 });
});

it('an unpacking program that runs on changes nothing of what is converted', async () => {
  const room = await mkdtemp(path.join(place, 'room-'));
  const [packed, source] = [path.join(room, 'packed'), path.join(room, 'source')];
  await writeFile(packed, gzipSync(Buffer.alloc(1024 * 1024)));
  const runner = new LocalProcessRunner();
  const clinging: Pick<ProcessRunner, 'run'> = {
    run: async (spec, options) =>
      await runner.run({ ...spec, args: ['-c', `sleep 5 > /dev/null 2>&1 & ${spec.args[1]}`] }, options),
  };
  await unpack(
    { packing: 'gz', packed, target: source, shownPath: 'x', runner: clinging as ProcessRunner, user },
    context,
  );
  await expect(
    convert(
      { source, format: 'raw', disk: path.join(place, 'unpacked'), shownPath: 'x', runner, appArmor, user },
      context,
    ),
  ).rejects.toMatchObject({ code: 'image.conversion-failed' });
});
