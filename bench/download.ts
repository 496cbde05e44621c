// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, open, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { imageSettings } from '#contract/images.ts';
import { imageAlias } from '#contract/names.ts';
import { BenchHelper } from './lib/bench-helper.ts';
import { endProgram, runProgram } from './lib/programs.ts';
import { figure, type Benchmark } from './lib/result.ts';
import { median } from './lib/statistics.ts';

const rounds = 5;
const contentMiB = 512;
const alias = imageAlias.parse('local:1');

/**
 * A published image of half a GiB brought into the vault, against what a person would type: curl into a
 * file and sha256sum at once, then qemu-img convert. Both from the same server, in turn.
 */
export const download: Benchmark = {
  name: 'download',
  run: async (signal) => {
    const room = await mkdtemp('/var/tmp/berth-bench-download-');
    await chmod(room, 0o755);
    const image = path.join(room, 'image.qcow2');
    await makeImage(image, signal);
    const digest = await sha256Of(image);
    const { size } = await stat(image);
    await publish(room, digest, size);
    const server = spawn(process.execPath, [path.join(import.meta.dirname, 'lib/file-server.ts'), room], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [port] = (await once(server.stdout, 'data', { signal })) as [Buffer];
      const url = `http://127.0.0.1:${Number(port)}/`;
      const byHand: number[] = [];
      const berth: number[] = [];
      await using helper = await BenchHelper.start();
      const others = (await helper.connection.request('images.remotes', {})).map(({ name }) => name);
      await helper.connection.request(
        'images.configure',
        imageSettings.parse({ remotes: [{ name: 'local', url }], disabled: others }),
      );
      for (let round = 0; round < rounds; round += 1) {
        byHand.push(await timed(async () => await fetchByHand(url, { room, digest }, signal), signal));
        await rm(path.join(room, 'converted.qcow2'));
        berth.push(await timed(async () => await fetchByBerth(helper, signal), signal));
        await helper.connection.request('images.remove', { image: alias });
      }
      const rate = (times: readonly number[]): number[] => times.map((ms) => size / 1e6 / (ms / 1000));
      return [
        figure('berth: download, verify, convert', 'MB/s', rate(berth), {
          ratio: median(byHand) / median(berth),
          target: 'at least as fast as by hand',
        }),
        figure('by hand: curl, tee, sha256sum, then qemu-img convert', 'MB/s', rate(byHand)),
      ];
    } finally {
      await endProgram(server);
      await rm(room, { recursive: true, force: true });
    }
  },
};

async function fetchByBerth(helper: BenchHelper, signal: AbortSignal): Promise<void> {
  const { operationId } = await helper.connection.request('images.fetch', { alias });
  const ended = await helper.connection.request('operations.wait', { id: operationId }, { signal });
  if (ended.state !== 'succeeded') throw new Error(`the fetch ${ended.state}: ${JSON.stringify(ended.error)}`);
}

async function fetchByHand(
  url: string,
  { room, digest }: { readonly room: string; readonly digest: string },
  signal: AbortSignal,
): Promise<void> {
  const script =
    'set -o pipefail; curl -sSf "$1image.qcow2" | tee "$2/fetched.qcow2" | sha256sum | grep -q "^$3 " && qemu-img convert -f qcow2 -O qcow2 "$2/fetched.qcow2" "$2/converted.qcow2" && rm "$2/fetched.qcow2"';
  await runProgram('bash', ['-c', script, 'by-hand', url, room, digest], signal);
}

/**
 * Half of it text-like, which distributions' compressed images are not once unpacked, half noise; compressed as they
 * are.
 */
async function makeImage(file: string, signal: AbortSignal): Promise<void> {
  const raw = `${file}.raw`;
  const handle = await open(raw, 'w');
  const noise = Buffer.alloc(1024 ** 2);
  for (let mebibyte = 0; mebibyte < contentMiB; mebibyte += 1) {
    if (mebibyte % 2 === 0) randomFillSync(noise);
    else noise.fill(`line ${mebibyte} of a file of a distribution; `);
    await handle.write(noise);
  }
  await handle.close();
  await runProgram('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, file], signal);
  await rm(raw);
}

async function publish(room: string, sha256: string, size: number): Promise<void> {
  await mkdir(path.join(room, 'streams/v1'), { recursive: true });
  await writeFile(
    path.join(room, 'streams/v1/index.json'),
    JSON.stringify({
      index: { images: { datatype: 'image-downloads', format: 'products:1.0', path: 'streams/v1/images.json' } },
    }),
  );
  await writeFile(
    path.join(room, 'streams/v1/images.json'),
    JSON.stringify({
      products: {
        bench: {
          arch: process.arch === 'arm64' ? 'arm64' : 'amd64',
          os: 'bench',
          version: '1',
          release: 'bench',
          versions: { '1': { items: { disk: { ftype: 'disk1.img', path: 'image.qcow2', sha256, size } } } },
        },
      },
    }),
  );
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** What was written before is on the disk first: neither waits for what the other left. */
async function timed(work: () => Promise<unknown>, signal: AbortSignal): Promise<number> {
  await runProgram('sync', [], signal);
  const beganMs = performance.now();
  await work();
  return performance.now() - beganMs;
}
