// SPDX-License-Identifier: MIT
import type { InstanceState } from '#contract/instances.ts';
import type { LaterValue } from '#contract/open-enum.ts';
import type { OperationSummary } from '#contract/operations.ts';
import { HelperError } from '../core/errors.ts';

/** What decides the state that is shown. */
export interface StateFacts {
  readonly isBroken: boolean;
  readonly isDeleted: boolean;
  /** Whether the machine's process is there; `unknown` where looking failed. */
  readonly process: 'alive' | 'absent' | 'unknown';
  /** QEMU holds its machine. */
  readonly isPaused: boolean;
  readonly operation: OperationSummary['kind'] | undefined;
}

/** The shown state: never stored, always derived from record, observation and running operation. */
export function deriveState(facts: StateFacts): InstanceState {
  if (facts.isBroken) return 'broken';
  const underWay = stateDuring(facts);
  if (underWay) return underWay;
  if (facts.process === 'unknown') return 'unknown';
  if (facts.isDeleted) return 'deleted';
  if (facts.process === 'absent') return 'stopped';
  return facts.isPaused ? 'paused' : 'running';
}

function stateDuring(facts: StateFacts): InstanceState | undefined {
  switch (facts.operation) {
    case 'launch':
      return facts.process === 'alive' ? 'starting' : 'creating';
    case 'start':
      return 'starting';
    case 'stop':
      return 'stopping';
    case 'restart':
      return 'restarting';
    case 'delete':
      return facts.process === 'alive' ? 'stopping' : 'deleted';
    case 'recover':
    case 'purge':
      return 'deleted';
    case 'image-import':
    case 'image-build':
    case 'image-fetch':
    case 'image-refresh':
    case 'image-verify':
    case undefined:
      return undefined;
    default:
      facts.operation satisfies LaterValue;
      return undefined;
  }
}

/** Commands on an instance that exists. `shell` stands for everything that needs a guest to talk to. */
export type InstanceCommand = 'start' | 'stop' | 'restart' | 'delete' | 'recover' | 'purge' | 'shell';

/** Which commands are legal from which state. While an operation runs, the operation manager decides instead. */
const legalCommands: Readonly<Record<InstanceState, readonly InstanceCommand[]>> = {
  creating: ['delete'],
  starting: ['stop', 'restart', 'delete', 'shell'],
  running: ['stop', 'restart', 'delete', 'shell'],
  stopping: ['stop', 'delete', 'shell'],
  stopped: ['start', 'delete'],
  restarting: ['stop', 'delete', 'shell'],
  paused: ['start', 'stop', 'restart', 'delete'],
  deleted: ['recover', 'purge'],
  unknown: ['stop', 'delete'],
  broken: [],
};

export function isLegal(command: InstanceCommand, state: InstanceState): boolean {
  return legalCommands[state].includes(command);
}

/** What an instance cannot, in the message of a refusal. */
const inWords: Readonly<Record<InstanceCommand, string>> = {
  start: 'be started',
  stop: 'be stopped',
  restart: 'be restarted',
  delete: 'be deleted',
  recover: 'be recovered',
  purge: 'be purged',
  shell: 'be reached',
};

/** @throws HelperError instance.wrong-state */
export function requireLegal(command: InstanceCommand, name: string, state: InstanceState): void {
  if (isLegal(command, state)) return;
  throw new HelperError('instance.wrong-state', { name, state, command: inWords[command] });
}
