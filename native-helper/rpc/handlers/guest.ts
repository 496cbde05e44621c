// SPDX-License-Identifier: MIT
import type { Duplex, Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { SessionId } from '#contract/guest.ts';
import type { StreamToken } from '#contract/names.ts';
import type { Actor, GuestProcess } from '../../core/ports.ts';
import type { GuestSessions } from '../../guest/sessions.ts';
import { guestTarget } from '../../instances/guest-target.ts';
import type { InstanceServices } from '../../instances/services.ts';
import type { Handlers } from '../handlers.ts';
import type { StreamBroker } from '../stream-broker.ts';

type GuestMethods = Extract<keyof Handlers, `shell.${string}` | `exec.${string}` | `session.${string}`>;

export function guestHandlers(services: InstanceServices, sessions: GuestSessions): Pick<Handlers, GuestMethods> {
  const { registry, connections } = services;
  return {
    'shell.open': async ({ name, size, term }, { actor, signal, streams }) => {
      const target = await guestTarget(services, registry.require(name, actor, 'open a shell in'));
      const process = await connections.shell(target, { term, ...size }, signal);
      return { session: sessions.add(actor, process), terminal: offerTerminal(streams, actor, process) };
    },
    'exec.open': async ({ name, command, workingDirectory }, { actor, signal, streams }) => {
      const target = await guestTarget(services, registry.require(name, actor, 'run a command in'));
      const process = await connections.exec(target, command, signal, workingDirectory);
      return offerExec(streams, actor, process, sessions.add(actor, process));
    },
    'session.resize': async ({ session, size }, { actor }) => {
      sessions.resize(actor, session, size.columns, size.rows);
      return {};
    },
    'session.wait': async ({ session }, { actor }) => await sessions.wait(actor, session),
  };
}

/** A shell ends with its terminal, and the terminal's tab with the shell. */
function offerTerminal(streams: StreamBroker, actor: Actor, process: GuestProcess): StreamToken {
  process.stderr.resume(); // a terminal has one stream; what came here unread would stop the channel
  const open = (client: Duplex): void => {
    carry(client, process.stdin);
    carry(process.stdout, client);
    client.once('close', () => process.close());
  };
  return streams.offer(actor.uid, open, () => process.close());
}

function offerExec(streams: StreamBroker, actor: Actor, process: GuestProcess, session: SessionId): { session: SessionId; stdio: StreamToken; stderr: StreamToken } {
  const giveUp = (): void => process.close();
  const openStdio = (client: Duplex): void => {
    carry(client, process.stdin); // its end is the command's end of input, not the end of the command
    carry(process.stdout, client);
    client.once('close', () => {
      if (!client.readableEnded || !client.writableFinished) process.close(); // nobody reads on
    });
  };
  const openStderr = (client: Duplex): void => {
    client.resume();
    carry(process.stderr, client);
  };
  return { session, stdio: streams.offer(actor.uid, openStdio, giveUp), stderr: streams.offer(actor.uid, openStderr, giveUp) };
}

/** Two copies and an end: each copy listens for every way a stream can end. */
const streamListeners = 30;

/** Copies to the end with back-pressure. When one side is torn down the copy ends; the other side notices by itself. */
function carry(from: Readable, to: Writable): void {
  from.setMaxListeners(streamListeners);
  to.setMaxListeners(streamListeners);
  pipeline(from, to).catch(() => undefined);
}
