// SPDX-License-Identifier: MIT
import type { Duplex } from 'node:stream';
import type { SessionId } from '#contract/guest.ts';
import type { StreamToken } from '#contract/names.ts';
import type { GuestProcess } from '../../core/seams/guest.ts';
import type { Actor } from '../../core/seams/operation.ts';
import type { GuestSessions } from '../../guest/sessions.ts';
import { guestTarget } from '../../instances/instance/guest-target.ts';
import type { Instance } from '../../instances/instance/instance.ts';
import type { InstanceServices } from '../../instances/instance/services.ts';
import type { Call, ParamsOf, ResultOf } from '../handlers.ts';
import type { StreamBroker } from '../stream-broker.ts';

/** What the calls into a guest stand on. */
export interface GuestServices {
  readonly services: InstanceServices;
  readonly sessions: GuestSessions;
}

/** A login shell on a terminal. @throws HelperError as {@link guestTarget}; quota.exceeded */
export async function openShell(
  { services, sessions }: GuestServices,
  instance: Instance,
  { size, term }: ParamsOf<'shell.open'>,
  { actor, signal, streams, connection }: Call,
): Promise<ResultOf<'shell.open'>> {
  streams.requireRoom(actor.uid);
  const process = await services.connections.shell(await guestTarget(services, instance), { term, ...size }, signal);
  return {
    session: sessions.add(actor, process, connection.closed),
    terminal: offerSingle(streams, actor, process),
  };
}

/** A command, on a terminal where one is asked for. @throws HelperError as {@link guestTarget}; quota.exceeded */
export async function openExec(
  { services, sessions }: GuestServices,
  instance: Instance,
  { command, workingDirectory, terminal }: ParamsOf<'exec.open'>,
  { actor, signal, streams, connection }: Call,
): Promise<ResultOf<'exec.open'>> {
  streams.requireRoom(actor.uid);
  const window = terminal && { term: terminal.term, ...terminal.size };
  const target = await guestTarget(services, instance);
  const process = await services.connections.session(target, { command, workingDirectory, window }, signal);
  return offerExec(streams, actor, process, sessions.add(actor, process, connection.closed));
}

/** The guest's files over SFTP. @throws HelperError as {@link guestTarget}; quota.exceeded */
export async function openFiles(
  { services, sessions }: GuestServices,
  instance: Instance,
  { actor, signal, streams, connection }: Call,
): Promise<ResultOf<'files.open'>> {
  streams.requireRoom(actor.uid);
  const process = await services.connections.files(await guestTarget(services, instance), signal);
  return { session: sessions.add(actor, process, connection.closed), sftp: offerSingle(streams, actor, process) };
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
