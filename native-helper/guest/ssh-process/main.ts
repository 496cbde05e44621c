// SPDX-License-Identifier: MIT The only program of the helper that speaks SSH, one for each guest. It becomes a user
// without rights before it does so, opens no file, and hands on what comes. Descriptor 3 leads to the helper; with its
// end this ends.
import { Socket } from 'node:net';
import { becomeUser } from '../../posix/become-user.ts';
import { Lanes } from '../lanes/lanes.ts';
import type { Channel } from './channel.ts';
import { waitForSshBanner } from './greeting.ts';
import { GuestConnection } from './guest-connection.ts';
import { loadSsh2 } from './load-ssh2.ts';
import { mostAskedBytes, mostReasonLength, type Answer, type Asked } from './messages.ts';

const helperDescriptor = 3;

const ssh2 = await loadSsh2();
becomeUser();
const connections = new Map<number, GuestConnection>();
const channels = new Map<number, Channel>();
const greetings = new Map<number, AbortController>();
const lanes = new Lanes(new Socket({ fd: helperDescriptor, readable: true, writable: true }), {
  mostMessageBytes: mostAskedBytes,
  isTrusting: true,
  onMessage: (message) => obey(message as Asked),
  onOver: (violation) => {
    if (violation) process.stderr.write(`${violation.message}\n`);
    process.exit(violation ? 1 : 0);
  },
});

function obey(asked: Asked): void {
  switch (asked.ask) {
    case 'greeting':
      return void greet(asked.id, asked.address);
    case 'connect':
      return connect(asked);
    case 'channel':
      return openChannel(asked);
    case 'resize':
      return channels.get(asked.id)?.resize(asked.columns, asked.rows);
    case 'end':
      greetings.get(asked.id)?.abort();
      channels.get(asked.id)?.end();
      return connections.get(asked.id)?.end();
    default:
      asked satisfies never;
  }
}

async function greet(id: number, address: string): Promise<void> {
  const ending = new AbortController();
  greetings.set(id, ending);
  try {
    const greeting = await waitForSshBanner(address, ending.signal);
    answer({ id, did: 'begin', greeting: greeting.slice(0, 255) });
    answer({ id, did: 'end' });
  } catch (error) {
    fail(id, String(error));
  } finally {
    greetings.delete(id);
  }
}

function connect({ id, target, keepAlive, limitMs }: Extract<Asked, { ask: 'connect' }>): void {
  connections.set(
    id,
    new GuestConnection(ssh2, {
      target,
      keepAlive,
      limitMs,
      begun: (outcome) => {
        if ('server' in outcome) return answer({ id, did: 'begin', greeting: outcome.server.slice(0, 255) });
        connections.delete(id);
        fail(id, outcome.reason, outcome.isForeign);
      },
      over: () => {
        connections.delete(id);
        answer({ id, did: 'end' });
      },
    }),
  );
}

function openChannel({ id, connection, kind, limitMs, ...numbers }: Extract<Asked, { ask: 'channel' }>): void {
  const [stdio, stderr] = [lanes.open(numbers.stdio), lanes.open(numbers.stderr)];
  const order = {
    stdio,
    stderr,
    limitMs,
    hasTerminal: 'shell' in kind || ('exec' in kind && kind.window !== undefined),
    begun: (failure?: string) => {
      if (failure === undefined) return answer({ id, did: 'begin' });
      channels.delete(id);
      fail(id, failure);
    },
    over: (end: { exitCode?: number | undefined; signal?: string | undefined }) => {
      channels.delete(id);
      answer({ id, did: 'end', end });
    },
  };
  const its = connections.get(connection);
  if (its) channels.set(id, its.channel(kind, order));
  else {
    stdio.destroy();
    stderr.destroy();
    fail(id, 'the connection was closed');
  }
}

function fail(id: number, reason: string, isForeign = false): void {
  answer({ id, did: 'fail', isForeign, reason: reason.slice(0, mostReasonLength) });
}

function answer(message: Answer): void {
  lanes.say(message);
}
