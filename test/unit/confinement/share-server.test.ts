// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import { instanceName } from '#contract/names.ts';
import { shareServerProfile } from '../../../native-helper/confinement/profiles/share-server.ts';

const access = {
  instance: instanceName.parse('amber-fox'),
  id: '0badcafe',
  isReadOnly: false,
  program: '/usr/lib/openssh/sftp-server',
  setpriv: '/usr/bin/setpriv',
  folder: '/share',
};
const rulesOf = (isReadOnly: boolean): string[] =>
  shareServerProfile({ ...access, isReadOnly })
    .text.split('\n')
    .map((line) => line.trim());

describe('the profile of a share server', () => {
  it('is named after instance and mount', () => {
    expect(shareServerProfile(access).name).toBe('multipass.amber-fox.share-server.0badcafe');
  });

  it('gives the folder, and only to read where that was asked', () => {
    expect(rulesOf(false)).toEqual(expect.arrayContaining(['"/share/**" rwk,', 'link "/share/**" -> "/share/**",']));
    expect(rulesOf(true)).toContain('"/share/**" r,');
    expect(
      rulesOf(true).filter((rule) => rule.startsWith('"/share/') && /[wlk]/.test(rule.slice(rule.indexOf(' ')))),
    ).toEqual([]);
  });

  it('lets it become the server and nothing else, without a network', () => {
    const rules = rulesOf(false);
    expect(rules.filter((rule) => /(?:^|\s)[a-z]*x,?$/.test(rule))).toEqual(['"/usr/lib/openssh/sftp-server" mrix,']);
    expect(rules.filter((rule) => rule.startsWith('network'))).toEqual(['network unix stream,']);
    expect(rules.filter((rule) => rule.startsWith('capability'))).toEqual([
      'capability setuid,',
      'capability setgid,',
      'capability setpcap,',
    ]);
  });
});
