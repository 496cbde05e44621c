// SPDX-License-Identifier: MIT
import type { Duplex } from 'node:stream';
import type { SessionId } from '#contract/guest.ts';
import type { StreamToken } from '#contract/names.ts';
import type { GuestProcess } from '../../core/seams/guest.ts';
import type { Actor } from '../../core/seams/operation.ts';
import { unlessAborted } from '../../core/unless-aborted.ts';
import type { GuestSessions } from '../../guest/sessions.ts';
import { guestTarget } from '../../instances/guest-target.ts';
import type { InstanceServices } from '../../instances/services.ts';
import type { Handlers } from '../handlers.ts';
import type { StreamBroker } from '../stream-broker.ts';

type GuestMethods = Extract<
  keyof Handlers,
  `shell.${string}` | `files.${string}` | `exec.${string}` | `session.${string}`
>;

export function guestHandlers(services: InstanceServices, sessions: GuestSessions): Pick<Handlers, GuestMethods> {
  const { registry, connections } = services;
  return {
    'shell.open': async ({ name, size, term }, { actor, signal, streams, connection }) => {
      const instance = registry.require(name, actor, 'open a shell in');
      streams.requireRoom(actor.uid);
      const target = await guestTarget(services, instance);
      const process = await connections.shell(target, { term, ...size }, signal);
      return {
        session: sessions.add(actor, process, connection.closed),
        terminal: offerSingle(streams, actor, process),
      };
    },
    'exec.open': async ({ name, command, workingDirectory, terminal }, { actor, signal, streams, connection }) => {
      const instance = registry.require(name, actor, 'run a command in');
      streams.requireRoom(actor.uid);
      const target = await guestTarget(services, instance);
      const process = await connections.session(
        target,
        { command, workingDirectory, window: terminal && { term: terminal.term, ...terminal.size } },
        signal,
      );
      return offerExec(streams, actor, process, sessions.add(actor, process, connection.closed));
    },
    'files.open': async ({ name }, { actor, signal, streams, connection }) => {
      const instance = registry.require(name, actor, 'copy files of');
      streams.requireRoom(actor.uid);
      const target = await guestTarget(services, instance);
      const process = await connections.files(target, signal);
      return { session: sessions.add(actor, process, connection.closed), sftp: offerSingle(streams, actor, process) };
    },
    'session.resize': async ({ session, size }, { actor }) => {
      sessions.resize(actor, session, size.columns, size.rows);
      return {};
    },
    'session.signal': async ({ session, signal: name }, { actor, signal }) => {
      await unlessAborted(sessions.signal(actor, session, name), signal);
      return {};
    },
    'session.wait': async ({ session }, { actor, signal }) =>
      await unlessAborted(sessions.wait(actor, session), signal),
  };
}

/** A process with one stream: it ends with that stream, and the stream with it. */
function offerSingle(streams: StreamBroker, actor: Actor, process: GuestProcess): StreamToken {
  process.stderr.resume(); // nobody reads it, and what came here unread would stop the channel
  return streams.offer(
    actor.uid,
    (client) => connect(client, process),
    () => process.close(),
  );
}

function offerExec(
  streams: StreamBroker,
  actor: Actor,
  process: GuestProcess,
  session: SessionId,
): { session: SessionId; stdio: StreamToken; stderr: StreamToken } {
  const giveUp = (): void => process.close();
  const openStderr = (client: Duplex): void => {
    client.on('error', () => client.destroy());
    client.resume();
    // nobody reads it any more, and unread it would stop the channel
    client.once('close', () => process.stderr.resume());
    process.stderr.pipe(client);
  };
  return {
    session,
    stdio: streams.offer(actor.uid, (client) => connect(client, process), giveUp),
    stderr: streams.offer(actor.uid, openStderr, giveUp),
  };
}

/**
 * Joins a client's stream to a process: its bytes to stdin, its end to the end of input, stdout back.
 * A process that ends without having read all leaves the client's bytes to be drained, so that the
 * client still reads the last output. A client that goes away before the end of output ends the
 * process; after it the exit status is still to come and the channel closes by itself.
 */
function connect(client: Duplex, process: GuestProcess): void {
  const { stdin, stdout } = process;
  client.on('error', () => client.destroy());
  stdin.on('error', () => undefined); // its 'close' follows
  client.pipe(stdin);
  stdin.once('close', () => {
    client.unpipe(stdin);
    client.resume();
  });
  stdout.pipe(client);
  client.once('close', () => {
    if (!stdout.readableEnded) process.close();
  });
}
