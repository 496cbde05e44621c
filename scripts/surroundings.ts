// SPDX-License-Identifier: MIT
// `npm run test:surroundings`: the tests of a fresh clone where a careless test fails. The clone lies below /tmp, in a
// path with blanks; an ordinary user with sudo runs it; another helper, libvirt and its dnsmasq run beside it. With
// `--busy N`, N programs keep the processors busy meanwhile. A command after the options runs in place of `./run test`.
import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fail, heading } from './lib/heading.ts';
import { parseOptions } from './lib/parse-options.ts';
import { root } from './lib/paths.ts';
import { inPrivateNetwork } from './lib/private-network.ts';
import { runProgram } from './lib/run-program.ts';

const { values: options, positionals } = parseOptions({
  options: { busy: { type: 'string', default: '0' } },
  allowPositionals: true,
});
const command = positionals.length > 0 ? positionals : ['./run', 'test'];
const user = 'berth-surroundings';

await requireParts();
// Ctrl-C ends the command; what was made for it is given back below
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
await using surroundings = new AsyncDisposableStack();
const directory = fs.mkdtempSync('/tmp/berth surroundings ');
surroundings.defer(() => {
  fs.rmSync(directory, { recursive: true, force: true });
});
fs.chmodSync(directory, 0o755);
await makeUser();
await startLibvirt();
await startOtherHelper();
const clone = await cloneFor(user);
for (let count = 0; count < Number(options.busy); count += 1) keep(spawn(process.execPath, ['-e', 'for (;;);']));

heading(`As ${user}, in ${clone}: ${command.join(' ')}`);
const { exitCode } = await runProgram('runuser', ['-u', user, '--', ...command], {
  cwd: clone,
  env: { ...process.env, HOME: path.join(directory, 'home'), TMPDIR: undefined, USER: user, LOGNAME: user },
});
process.exitCode = exitCode;

async function requireParts(): Promise<void> {
  if (process.getuid?.() !== 0) fail('it makes a user, so it needs root.');
  const needed = ['sudo', 'runuser', 'libvirtd', 'virsh', 'iptables', 'dnsmasq', 'git'];
  const there = await Promise.all(needed.map(async (each) => (await quiet('which', [each])).exitCode === 0));
  const missing = needed.filter((_, index) => !there[index]);
  if (missing.length > 0)
    fail(`these programs are missing: ${missing.join(', ')}.`, 'Install sudo, libvirt-daemon-system, libvirt-clients.');
}

async function makeUser(): Promise<void> {
  const rule = `/etc/sudoers.d/${user}`;
  surroundings.defer(async () => {
    fs.rmSync(rule, { force: true });
    await quiet('userdel', [user]);
  });
  await must('useradd', ['--create-home', '--home-dir', path.join(directory, 'home'), '--shell', '/bin/bash', user]);
  fs.writeFileSync(rule, `${user} ALL=(ALL:ALL) NOPASSWD: ALL\n`, { mode: 0o440 });
}

/** With its default network and the dnsmasq of that, in a network namespace: this computer keeps the network it has. */
async function startLibvirt(): Promise<void> {
  const script =
    'libvirtd & trap "virsh -q net-destroy default; kill $!; wait $!; exit" TERM; while :; do wait; sleep 1; done';
  const daemon = keep(inNamespace(['sh', '-c', script]));
  for (let tries = 0; tries < 60; tries += 1) {
    await delay(1000);
    const started = await quiet('nsenter', [`--net=/proc/${daemon.pid}/ns/net`, 'virsh', '-q', 'net-start', 'default']);
    if (started.exitCode === 0) return;
  }
  throw new Error('libvirt did not start its default network');
}

async function startOtherHelper(): Promise<void> {
  const other = path.join(directory, 'other');
  fs.mkdirSync(other);
  const places = ['--state-dir', path.join(other, 'state'), '--run-dir', '/run/berth-surroundings'];
  const helper = spawn(path.join(root, 'run'), ['start', '--serve', '--private-network', ...places], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  keep(helper);
  for await (const chunk of helper.stdout)
    if (String(chunk).includes('runs until Ctrl-C')) return void helper.stdout.resume();
  throw new Error('the other helper did not start');
}

/** A fresh clone of what is committed, his. */
async function cloneFor(owner: string): Promise<string> {
  const target = path.join(directory, 'check out');
  await must('git', ['clone', '--quiet', '--no-hardlinks', root, target]);
  await must('chown', ['-R', `${owner}:`, target]);
  return target;
}

function inNamespace(command: readonly string[]): ChildProcess {
  const [program = '', ...args] = inPrivateNetwork(command);
  return spawn(program, args, { stdio: 'ignore' });
}

/** Ends with these surroundings, before what was made before it goes. */
function keep(child: ChildProcess): ChildProcess {
  surroundings.defer(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  });
  return child;
}

async function must(program: string, args: readonly string[]): Promise<void> {
  const { exitCode, output } = await quiet(program, args);
  if (exitCode !== 0) throw new Error(`${program} ${args.join(' ')}: ${output}`);
}

function quiet(program: string, args: readonly string[]): ReturnType<typeof runProgram> {
  return runProgram(program, args, { capture: true });
}
