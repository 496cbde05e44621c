// SPDX-License-Identifier: MIT
import { changedInstance } from '#contract/changed-instance.ts';
import type { EventBody } from '#contract/events.ts';
import type { InstanceDetails, InstanceSummary } from '#contract/instances.ts';
import { say } from '#messages/say.ts';
import { HelperCallError } from '../../client/helper-call-error.ts';
import type { HelperConnection } from '../../client/helper-connection.ts';
import { subscribe } from '../../client/subscribe.ts';
import { CliError } from '../cli-error.ts';
import type { CommandContext } from '../command-context.ts';
import { connectionLost } from '../connection-lost.ts';
import { exitCodes } from '../exit-codes.ts';
import { print } from '../output.ts';
import { progressTo, type WaitGoal } from '../wait-goals.ts';

export interface WaitOptions {
  readonly for: WaitGoal;
  readonly timeout?: number | undefined;
}

/** `berth wait`: until the instance is what is waited for, by the helper's events. Prints an address that came. */
export async function wait(context: CommandContext, name: string, options: WaitOptions): Promise<void> {
  const connection = await context.connect();
  const watched = new Watched(connection, name, options.for);
  const late = Promise.withResolvers<never>();
  const timer =
    options.timeout === undefined
      ? undefined
      : setTimeout(() => late.reject(tooLate(name, options, watched.state)), options.timeout * 1000);
  try {
    const reached = await Promise.race([watched.reached(), late.promise, connectionLost(connection)]);
    if (options.for === 'address') print(reached.addresses?.[0] ?? '');
  } finally {
    clearTimeout(timer);
  }
}

function tooLate(name: string, options: WaitOptions, state: string): CliError {
  return new CliError(
    say('cli.wait.too-late', { name, goal: options.for, seconds: options.timeout ?? 0, state }),
    exitCodes.failed,
  );
}

function cannotCome({ name }: InstanceSummary, goal: WaitGoal): HelperCallError {
  const command = say('cli.wait.goal', { goal });
  return HelperCallError.of('instance.wrong-state', { name, state: say('state.deleted'), command });
}

/** An instance, from event to event. */
class Watched {
  readonly #connection: HelperConnection;
  readonly #name: string;
  readonly #goal: WaitGoal;
  readonly #reached = Promise.withResolvers<InstanceSummary>();
  #known: InstanceSummary | undefined;

  constructor(connection: HelperConnection, name: string, goal: WaitGoal) {
    this.#connection = connection;
    this.#name = name;
    this.#goal = goal;
  }

  get state(): string {
    return this.#known?.state ?? 'unknown';
  }

  async reached(): Promise<InstanceSummary> {
    const early: EventBody[] = [];
    let isTold = false;
    this.#connection.onEvent(({ body }) => {
      if (isTold) this.#take(body);
      else early.push(body);
    });
    const { snapshot } = await subscribe(this.#connection);
    // whether it is there, and the caller's: asked once its removal would be told
    await this.#connection.request('instances.info', { name: this.#name });
    this.#known = snapshot?.instances.find(({ name }) => name === this.#name);
    for (const body of early) this.#apply(body);
    isTold = true;
    this.#look();
    return await this.#reached.promise;
  }

  #take(body: EventBody): void {
    if (this.#apply(body)) this.#look();
  }

  /** Whether it was about this instance. */
  #apply(body: EventBody): boolean {
    if (body.topic === 'instance.phases') return body.name === this.#name;
    if (body.topic === 'instance.removed' && body.name === this.#name) {
      this.#reached.reject(HelperCallError.of('instance.not-found', { name: this.#name }));
      return false;
    }
    if (body.topic !== 'instance.changed' || body.instance.name !== this.#name) return false;
    this.#known = changedInstance(this.#known, body);
    return true;
  }

  #look(): void {
    const known = this.#known;
    if (known === undefined) return;
    switch (progressTo(this.#goal, known)) {
      case 'reached':
        return this.#reached.resolve(known);
      case 'never':
        return this.#reached.reject(cannotCome(known, this.#goal));
      case 'look':
        return void this.#lookInside();
      case 'waiting':
        return;
    }
  }

  /** A summary does not tell how far the boot is of a machine that was taken over, or whose start had failed. */
  async #lookInside(): Promise<void> {
    try {
      const details = await this.#connection.request('instances.info', { name: this.#name });
      if (details.state !== 'running' || details.operation !== undefined) return;
      if (isUp(details)) this.#reached.resolve(details);
      else if (details.lastError !== undefined) this.#reached.reject(new HelperCallError(details.lastError));
    } catch (error) {
      this.#reached.reject(error);
    }
  }
}

/** SSH answers, and cloud-init has ended, however it ended. */
function isUp({ boots = [] }: InstanceDetails): boolean {
  const stateOf = (phase: string): string | undefined =>
    boots.at(-1)?.phases.find((each) => each.phase === phase)?.state;
  const isOver = (state: string | undefined): boolean => state !== 'waiting' && state !== 'running';
  return stateOf('sshd') === 'done' && isOver(stateOf('cloud-init'));
}
