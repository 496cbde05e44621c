// SPDX-License-Identifier: MIT
import { firstErrors } from './errors.ts';
import { laterErrors } from './later-errors.ts';
import { cli } from './cli/index.ts';
import { client } from './client.ts';
import { desktop } from './desktop.ts';
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
import { windowTexts } from './window/index.ts';

/** What errors say, by their codes. */
export const errorMessages = { ...firstErrors, ...laterErrors };
export type ErrorCode = keyof typeof errorMessages;

/**
 * Everything else that a person reads, by the id that it has in the code. A message is in ICU's MessageFormat: `{name}`
 * is a place, `{count, plural, one {# image} other {# images}}` has the forms of a number.
 */
export const texts = {
  ...cli,
  ...client,
  ...desktop,
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
  ...windowTexts,
} as const;
export type TextId = keyof typeof texts;
/** Of those that have no places: tables of words hold them, and they are said where they are shown. */
export type PlainTextId = { [Id in TextId]: (typeof texts)[Id] extends `${string}{${string}` ? never : Id }[TextId];

/** English, in which all messages are written. */
export const english: Catalogue = { locale: 'en', errors: errorMessages, texts };

/** All messages in one language. */
export interface Catalogue {
  /** As BCP 47 has it: it chooses the forms of plurals and numbers. */
  readonly locale: string;
  readonly errors: Readonly<Record<ErrorCode, ErrorWords>>;
  readonly texts: Readonly<Record<TextId, string>>;
}

/** What an error says, and the way out of it. */
export interface ErrorWords {
  readonly message: string;
  readonly hint: string;
}
