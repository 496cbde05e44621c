// SPDX-License-Identifier: MIT
import { z } from 'zod';
import { consoleBoot, consoleMark, consoleOpenParams, consoleOpened } from './console.ts';
import { decideDenialParams, denial, denialList } from './denials.ts';
import { snapshotPage, snapshotParams, subscribed, subscribeParams } from './events.ts';
import {
  execOpened,
  execOpenParams,
  filesOpened,
  sessionEnd,
  sessionParams,
  sessionResizeParams,
  sessionSignalParams,
  shellOpened,
  shellOpenParams,
} from './guest.ts';
import {
  catalogueEntry,
  imageImportParams,
  imageImportUrlParams,
  imagePruned,
  imageRemote,
  imageSettings,
  vaultImage,
} from './images.ts';
import { setParams, settingsChanged } from './instance-settings.ts';
import { instanceDetails, instanceSummary, launchParams, operationAccepted } from './instances.ts';
import { fingerprint, imageAlias, instanceName, operationId } from './names.ts';
import { mountAddParams, mountRemoveParams, mountSummary } from './mounts.ts';
import { operationSummary } from './operations.ts';
import { pagedList, pageParams } from './pages.ts';
import { grantParams, instanceSecurity, revokeParams, setSecurityParams } from './security.ts';
import { helloParams, helloResult, hostExamination, systemInfo } from './system.ts';
import { nameParams } from './verb-params.ts';
import { instanceVerbs, verbTable, type InstanceVerb } from './verb-table.ts';

const nothing = z.strictObject({});
/** By alias, by fingerprint, or by the first digits of one that only one image has. */
const imageReference = z.strictObject({ image: z.union([imageAlias, fingerprint]) });

type VerbMethods = {
  readonly [Verb in InstanceVerb as `instances.${Verb}`]: {
    readonly kind: 'operation';
    readonly params: (typeof verbTable)[Verb]['params'];
    readonly result: typeof operationAccepted;
  };
};

/** Each row of the table of verbs is a method. */
const verbMethods = Object.fromEntries(
  instanceVerbs.map((verb) => [
    `instances.${verb}`,
    { kind: 'operation', params: verbTable[verb].params, result: operationAccepted },
  ]),
) as VerbMethods;

/**
 * The method table: all that can be asked of the helper. Window, command line and helper derive
 * their types and their checks from it. A `query` changes nothing; a `command` has its effect when
 * it answers; an `operation` answers at once with an id and goes on.
 */
export const methods = {
  'system.hello': { kind: 'query', params: helloParams, result: helloResult },
  'system.info': { kind: 'query', params: nothing, result: systemInfo },
  /** Looks at this computer anew; `system.info` has the checks of the last look. */
  'system.doctor': { kind: 'query', params: nothing, result: hostExamination },
  'events.subscribe': { kind: 'command', params: subscribeParams, result: subscribed },
  /** The next page of a snapshot, as things are by now. */
  'events.snapshot': { kind: 'query', params: snapshotParams, result: snapshotPage },

  /** All at once, or a page of them. */
  'instances.list': { kind: 'query', params: pageParams(instanceName), result: pagedList(instanceSummary) },
  'instances.info': { kind: 'query', params: nameParams, result: instanceDetails },
  'instances.suggest-name': { kind: 'query', params: nothing, result: z.object({ name: instanceName }) },
  'instances.launch': { kind: 'operation', params: launchParams, result: operationAccepted },
  ...verbMethods,

  /** Answers when it is done, a disk that grows too. Of several values all are taken or none. */
  'instances.set': { kind: 'command', params: setParams, result: settingsChanged },

  'instances.security': { kind: 'query', params: nameParams, result: instanceSecurity },
  /** Gives a file of the caller's to the machine, at once where it runs; a device where the caller is root. */
  'instances.grant': { kind: 'command', params: grantParams, result: instanceSecurity },
  'instances.revoke': { kind: 'command', params: revokeParams, result: instanceSecurity },
  'instances.set-security': { kind: 'command', params: setSecurityParams, result: instanceSecurity },

  'denials.list': { kind: 'query', params: nameParams, result: denialList },
  /** What was refused to programs of Berth that work for no instance; nothing is decided on it. */
  'denials.own': { kind: 'query', params: nothing, result: denialList },
  'denials.decide': { kind: 'command', params: decideDenialParams, result: denial },

  'operations.list': { kind: 'query', params: nothing, result: z.array(operationSummary) },
  /** Answers when the operation has ended, however it ended. */
  'operations.wait': { kind: 'query', params: z.strictObject({ id: operationId }), result: operationSummary },
  'operations.cancel': { kind: 'command', params: z.strictObject({ id: operationId }), result: nothing },

  /** All at once, or a page of it. */
  'images.catalogue': { kind: 'query', params: pageParams(imageAlias), result: pagedList(catalogueEntry) },
  /** All at once, or a page of them. */
  'images.list': { kind: 'query', params: pageParams(fingerprint), result: pagedList(vaultImage) },
  'images.import': { kind: 'operation', params: imageImportParams, result: operationAccepted },
  'images.build': { kind: 'operation', params: z.strictObject({ alias: imageAlias }), result: operationAccepted },
  'images.remove': { kind: 'command', params: imageReference, result: nothing },
  /** Fetches a remote's image into the vault, the newest where an older one is there. */
  'images.fetch': { kind: 'operation', params: z.strictObject({ alias: imageAlias }), result: operationAccepted },
  'images.import-url': { kind: 'operation', params: imageImportUrlParams, result: operationAccepted },
  /** Reads the image's files again and compares their digests; fails with image.damaged. */
  'images.verify': { kind: 'operation', params: imageReference, result: operationAccepted },
  /** Removes fetched images that expired; with `isEverything` each that nobody uses and that is not pinned. */
  'images.prune': {
    kind: 'command',
    params: z.strictObject({ isEverything: z.boolean().default(false) }),
    result: imagePruned,
  },
  'images.pin': { kind: 'command', params: imageReference.extend({ isPinned: z.boolean() }), result: nothing },
  'images.remotes': { kind: 'query', params: nothing, result: z.array(imageRemote) },
  /**
   * Asks the remotes for their lists where the last look is older than `maxAgeSeconds`. A remote that fails hides no
   * other.
   */
  'images.refresh': {
    kind: 'operation',
    params: z.strictObject({ maxAgeSeconds: z.int().nonnegative().default(0) }),
    result: operationAccepted,
  },
  'images.settings': { kind: 'query', params: nothing, result: z.object(imageSettings.shape) },
  /** For root alone: remotes decide what every user's instances boot. */
  'images.configure': { kind: 'command', params: imageSettings, result: nothing },

  'console.boots': { kind: 'query', params: nameParams, result: z.array(consoleBoot) },
  'console.marks': {
    kind: 'query',
    params: z.strictObject({ name: instanceName, boot: z.int().positive() }),
    result: z.array(consoleMark),
  },
  'console.open': { kind: 'command', params: consoleOpenParams, result: consoleOpened },

  /** Answers when the folder is there, or when it is known why not; the mount stays either way. */
  'mounts.add': { kind: 'command', params: mountAddParams, result: mountSummary },
  'mounts.remove': { kind: 'command', params: mountRemoveParams, result: z.array(mountSummary) },
  /** Attaches anew, at once, what is down or does not answer; answers when it is known what came of it. */
  'mounts.reconnect': { kind: 'command', params: mountRemoveParams, result: z.array(mountSummary) },
  'mounts.list': { kind: 'query', params: nameParams, result: z.array(mountSummary) },

  'shell.open': { kind: 'command', params: shellOpenParams, result: shellOpened },
  'exec.open': { kind: 'command', params: execOpenParams, result: execOpened },
  'files.open': { kind: 'command', params: nameParams, result: filesOpened },
  'session.resize': { kind: 'command', params: sessionResizeParams, result: nothing },
  /**
   * To all processes of a command that runs without a terminal; answers when it was sent. On a terminal, keys do it.
   */
  'session.signal': { kind: 'command', params: sessionSignalParams, result: nothing },
  /** Answers when the shell or command has ended. */
  'session.wait': { kind: 'query', params: sessionParams, result: sessionEnd },
} as const satisfies Readonly<
  Record<string, { kind: 'query' | 'command' | 'operation'; params: z.ZodType; result: z.ZodType }>
>;
