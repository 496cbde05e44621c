// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import type { HelperErrorData } from '#contract/errors.ts';
import { helperErrorOf } from '../../../cli/helper-error.ts';
import { paintFor } from '../../../cli/render/colour.ts';
import { renderError } from '../../../cli/render/error.ts';
import { wayOutOf } from '../../../cli/way-out.ts';
import { HelperCallError } from '../../../client/helper-call-error.ts';

const paint = paintFor({}, {});

test('a failed launch tells message, code, phase, console and the way out', () => {
  const text = renderError(
    {
      code: 'guest.ssh-timeout',
      params: { seconds: 60 },
      phase: 'sshd',
      causes: ['connect ETIMEDOUT'],
      consoleTail: ['Starting sshd\r', '\u001b[31mfailed\u001b[0m'],
    },
    { paint },
  );
  expect(text).toBe(
    "berth: The guest's SSH server did not respond within 60 s. [guest.ssh-timeout]\n" +
      '  phase: sshd\n' +
      '  last lines of the console:\n' +
      '    | Starting sshd\n' +
      '    | \\x1b[31mfailed\\x1b[0m\n' +
      '  hint: Open the console to see how far it got.\n',
  );
});

test('causes appear when asked for, the subject when there are several', () => {
  const text = renderError(
    { code: 'instance.not-found', params: { name: 'web' }, causes: ['inner'] },
    { paint, subject: 'web', showsCauses: true },
  );
  expect(text).toContain('berth: web: There is no instance named web. [instance.not-found]\n');
  expect(text).toContain('  because: inner\n');
});

test('an error of the contract is taken as it is, anything else is a bug of ours', () => {
  const data: HelperErrorData = { code: 'instance.not-found', params: { name: 'web' }, causes: [] };
  expect(helperErrorOf(new HelperCallError(data))).toBe(data);
  expect(helperErrorOf(new Error('boom'))).toMatchObject({ code: 'internal.bug', params: { reason: 'boom' } });
  expect(helperErrorOf('boom')).toMatchObject({ code: 'internal.bug', params: { reason: 'boom' } });
});

test('a helper that is not reached is started by ./run start in a checkout, and by systemctl elsewhere', () => {
  const { data } = HelperCallError.of('helper.unreachable', { path: '/run/berth/helper.sock', reason: 'gone' });
  expect(wayOutOf(data, () => true)).toContain('./run start, or systemctl start berth-helper');
  expect(wayOutOf(data, () => false)).toBe(
    'Start it (systemctl start berth-helper) and check that you are a member of its group.',
  );
  expect(renderError(data, { paint })).toContain('./run start');
});
