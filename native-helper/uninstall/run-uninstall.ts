// SPDX-License-Identifier: MIT
import { readlink } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import type { Config } from '../config.ts';
import type { Logger } from '../core/log.ts';
import type { ProcessRef } from '../core/seams/processes.ts';
import { findDnsmasq } from '../network/dnsmasq-process.ts';
import { NetworkFiles } from '../network/network-files.ts';
import { LocalProcessRunner } from '../process/runner.ts';
import { Files } from '../store/files.ts';
import { findHelper } from './end-helper.ts';
import { describeStored, readStored } from './stored-data.ts';
import { uninstall } from './uninstall.ts';

/** The uninstallation as a command: asks what it was not told, and says what it does. Resolves with the exit code. */
export async function runUninstall(
  config: Config,
  { data, isForced }: NonNullable<Config['uninstall']>,
  log: Logger,
): Promise<number> {
  const say = (line: string): void => {
    process.stdout.write(`${line}\n`);
  };
  const files = new Files(config.stateDirectory, config.runDirectory);
  const isDataRemoved = data === 'ask' ? await asked(files) : data === 'remove';
  const elsewhere = await otherNetwork(files);
  if (elsewhere)
    return await repeatIn(elsewhere, config, [
      isDataRemoved ? '--remove-data' : '--keep-data',
      ...(isForced ? ['--force'] : []),
    ]);
  await uninstall(config, log, { isDataRemoved, isForced, say });
  return 0;
}

/** Without a terminal nobody can answer, and nothing is removed. */
async function asked(files: Files): Promise<boolean> {
  const stored = await readStored(files);
  if (stored.instances.length + stored.images === 0 || !process.stdin.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await terminal.question(
      `${files.stateDirectory} holds ${describeStored(stored)}.\nProtected instances are removed as well.\nRemove them too? There is no way back. [y/N] `,
    );
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

/** The networks in which this was begun already: helper and dnsmasq may be in two, and neither is to be returned to. */
const seenVariable = 'BERTH_UNINSTALL_SEEN';

async function networksSeen(): Promise<string[]> {
  return [
    ...(process.env[seenVariable] ?? '').split(' ').filter((each) => each !== ''),
    await readlink('/proc/self/ns/net'),
  ];
}

/**
 * A process of Berth's in another network than this one: a helper that was started in a network of its own made its
 * devices there.
 */
async function otherNetwork(files: Files): Promise<ProcessRef | undefined> {
  const seen = await networksSeen();
  for (const process of [await findHelper(files), await findDnsmasq(new NetworkFiles(files))]) {
    const network = process && (await readlink(`/proc/${process.pid}/ns/net`).catch(() => undefined)); // gone meanwhile
    if (network !== undefined && !seen.includes(network)) return process;
  }
  return undefined;
}

async function repeatIn({ pid }: ProcessRef, config: Config, decided: readonly string[]): Promise<number> {
  const [, main = ''] = process.argv;
  const child = await new LocalProcessRunner().converse(
    {
      program: 'nsenter',
      args: [
        `--net=/proc/${pid}/ns/net`,
        '--',
        process.execPath,
        main,
        '--uninstall',
        ...decided,
        '--state-dir',
        config.stateDirectory,
        '--run-dir',
        config.runDirectory,
        '--config-dir',
        config.configDirectory,
        '--group',
        'root',
        '--log-level',
        config.logLevel,
        ...(config.bridgeName === undefined ? [] : ['--bridge', config.bridgeName]),
      ],
      env: { [seenVariable]: (await networksSeen()).join(' ') },
      confinement: 'none-needed',
    },
    (text) => {
      process.stderr.write(text);
    },
  );
  child.stdin.end();
  child.stdout.pipe(process.stdout, { end: false });
  return (await child.exited).exitCode ?? 1;
}
