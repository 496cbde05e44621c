// SPDX-License-Identifier: MIT
import type { InstanceState } from '#contract/instances.ts';
import type { OperationSummary } from '#contract/operations.ts';
import { isLegal, isVerb, verbs, type InstanceVerb } from '#contract/verbs.ts';
import { sentence } from '#messages/say.ts';
import type { Sentence } from '#messages/sentence.ts';
import { HelperError } from '../../core/errors.ts';

/** What decides the state that is shown. */
export interface StateFacts {
  readonly isBroken: boolean;
  readonly isDeleted: boolean;
  /** Whether the machine's process is there; `unknown` where looking failed. */
  readonly process: 'alive' | 'absent' | 'unknown';
  /** QEMU holds its machine. */
  readonly isPaused: boolean;
  /** Its memory is on the disk. */
  readonly isSuspended: boolean;
  readonly operation: OperationSummary['kind'] | undefined;
}

/** The shown state: never stored, always derived from record, observation and running operation. */
export function deriveState(facts: StateFacts): InstanceState {
  if (facts.isBroken) return 'broken';
  const underWay = stateDuring(facts);
  if (underWay) return underWay;
  if (facts.process === 'unknown') return 'unknown';
  if (facts.isDeleted) return 'deleted';
  if (facts.process === 'absent' && facts.isSuspended) return 'suspended';
  if (facts.process === 'absent') return 'stopped';
  return facts.isPaused ? 'paused' : 'running';
}

function stateDuring({ operation, process }: StateFacts): InstanceState | undefined {
  const isAlive = process === 'alive';
  if (operation === 'launch') return isAlive ? 'starting' : 'creating';
  if (operation === undefined || !isVerb(operation)) return undefined;
  return verbs[operation].during[isAlive ? 'alive' : 'absent'];
}

/** States in which there may be a guest to talk to. */
const reachable: readonly InstanceState[] = ['starting', 'running', 'stopping', 'restarting'];

/** @throws HelperError instance.wrong-state */
export function requireLegal(verb: InstanceVerb, name: string, state: InstanceState): void {
  if (!isLegal(verb, state)) throw wrongState(name, state, sentence(`verb.${verb}.passive`));
}

/** @throws HelperError instance.wrong-state */
export function requireReachable(name: string, state: InstanceState): void {
  if (!reachable.includes(state)) throw wrongState(name, state, sentence('instance.be-reached'));
}

function wrongState(name: string, state: InstanceState, command: Sentence): HelperError {
  return new HelperError('instance.wrong-state', { name, state: sentence(`state.${state}`), command });
}
