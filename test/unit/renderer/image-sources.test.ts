// SPDX-License-Identifier: MIT
import { expect, it } from 'vitest';
import { imageRemote, imageSettings } from '../../../contract/images.ts';
import {
  blankRemote,
  fieldsOf,
  parseProxy,
  parseRemote,
  withEnabled,
  withoutRemote,
} from '../../../renderer/features/image-sources/image-sources.ts';

const settings = imageSettings.parse({
  remotes: [{ name: 'own', url: 'https://own.example/' }],
  mirrors: { own: 'https://mirror.example/', debian: 'https://deb.example/' },
  disabled: ['own'],
  proxy: 'http://proxy:3128',
});
const own = imageRemote.parse({
  name: 'own',
  title: 'own',
  kind: 'simplestreams',
  url: 'https://own.example/',
  isBuiltIn: false,
  entries: 0,
});
const debian = imageRemote.parse({
  name: 'debian',
  title: 'Debian',
  kind: 'files',
  url: 'https://cloud.debian.org/',
  isBuiltIn: true,
  entries: 0,
});

it('says what is wrong with a field that is filled, and saves nothing until all is well', () => {
  expect(parseRemote(blankRemote, settings, undefined)).toEqual({ errors: {} });
  expect(
    Object.keys(
      parseRemote({ ...blankRemote, name: 'own', url: 'ftp://x', mirror: 'x' }, settings, undefined).errors,
    ).sort(),
  ).toEqual(['mirror', 'name', 'url']);
  expect(
    parseRemote(
      { ...blankRemote, name: 'new', url: 'https://new.example/' },
      settings,
      undefined,
    ).settings?.remotes.map(({ name }) => name),
  ).toEqual(['own', 'new']);
});

it('changes a remote in its place, and of one that comes with Berth the mirror', () => {
  expect(
    parseRemote({ ...fieldsOf(own, settings), url: 'https://moved.example/', mirror: '' }, settings, own).settings,
  ).toMatchObject({
    remotes: [{ name: 'own', url: 'https://moved.example/' }],
    mirrors: { debian: 'https://deb.example/' },
  });
  const changed = parseRemote(
    { ...fieldsOf(debian, settings), mirror: 'https://near.example/' },
    settings,
    debian,
  ).settings;
  expect(changed).toMatchObject({
    remotes: settings.remotes,
    mirrors: { own: 'https://mirror.example/', debian: 'https://near.example/' },
  });
});

it('forgets all that was decided about a remote that is removed', () => {
  expect(withoutRemote(settings, own)).toMatchObject({
    remotes: [],
    mirrors: { debian: 'https://deb.example/' },
    disabled: [],
  });
  expect(withEnabled(withEnabled(settings, debian, false), own, true).disabled).toEqual(['debian']);
});

it('takes a blank proxy for none', () => {
  expect(parseProxy({ proxy: ' ', noProxy: '' }, settings).settings).not.toHaveProperty('proxy');
  expect(parseProxy({ proxy: 'proxy:3128', noProxy: '' }, settings)).toHaveProperty('error');
});
