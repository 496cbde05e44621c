// SPDX-License-Identifier: MIT
import { firstErrors } from './errors.ts';
import { laterErrors } from './later-errors.ts';
import { doctor } from './doctor.ts';
import { guest } from './guest.ts';
import { hypervisor } from './hypervisor.ts';
import { images } from './images.ts';
import { instanceSettings } from './instance-settings.ts';
import { instances } from './instances.ts';
import { invalid } from './invalid.ts';
import { mounts } from './mounts.ts';
import { network } from './network.ts';
import { requests } from './requests.ts';
import { security } from './security.ts';
import { savedState } from './state.ts';
import { states } from './states.ts';
import { storage } from './storage.ts';
import { operations, verbs } from './verbs.ts';
import type { cliTexts } from './cli/index.ts';
import type { desktopTexts } from './desktop.ts';
import type { windowTexts } from './window/index.ts';

/** What errors say, by their codes. */
export const errorMessages = { ...firstErrors, ...laterErrors };
export type ErrorCode = keyof typeof errorMessages;

/**
 * Everything else that is said by helper and contract, by the id that it has in the code. A message is in ICU's
 * MessageFormat: `{name}` is a place, `{count, plural, one {# image} other {# images}}` has the forms of a number.
 */
export const commonTexts = {
  ...doctor,
  ...guest,
  ...hypervisor,
  ...images,
  ...instanceSettings,
  ...instances,
  ...invalid,
  ...mounts,
  ...network,
  ...operations,
  ...requests,
  ...security,
  ...savedState,
  ...states,
  ...storage,
  ...verbs,
} as const;
/** With what the other programs say of their own: each brings it along by `useTexts`, so that none carries all. */
export type Texts = typeof commonTexts & typeof cliTexts & typeof desktopTexts & typeof windowTexts;
export type TextId = keyof Texts;
/** Of those that have no places: tables of words hold them, and they are said where they are shown. */
export type PlainTextId = { [Id in TextId]: Texts[Id] extends `${string}{${string}` ? never : Id }[TextId];

/** All messages in one language. */
export interface Catalogue {
  /** As BCP 47 has it: it chooses the forms of plurals and numbers. */
  readonly locale: string;
  readonly errors: Readonly<Record<ErrorCode, ErrorWords>>;
  /** Of the programs whose texts are there. */
  readonly texts: Readonly<Partial<Record<TextId, string>>>;
}

/** What an error says, and the way out of it. */
export interface ErrorWords {
  readonly message: string;
  readonly hint: string;
}
