// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { z } from 'zod';
import { methods } from '#contract/methods.ts';
import { hostPaths } from '../../../electron/link/host-paths.ts';
import { OutsideDoors, type Desk, type Question } from '../../../electron/link/outside-doors.ts';

/** Parameters that may be named like a path of this computer; what they are instead is said. */
const pathLike = /path|source|file|folder|directory/i;
const otherwise: Readonly<Record<string, string>> = {
  'instances.revoke': 'takes away',
  'exec.open': 'a folder of the guest',
};

test('every method of the helper with a path of this computer asks who named it', () => {
  for (const [method, { params }] of Object.entries(methods)) {
    const shape = z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' }) as {
      properties?: Record<string, unknown>;
    };
    const suspicious = Object.keys(shape.properties ?? {}).filter((field) => pathLike.test(field));
    if (method in otherwise) continue;
    expect([method, [...(hostPaths[method]?.fields ?? [])]]).toEqual([method, suspicious]);
  }
});

class ScriptedDesk implements Desk {
  readonly asked: Question[] = [];
  answer: 'refused' | 'once' | 'until-closed' = 'refused';
  isAtWork = false;
  isPersonAtWork(): boolean {
    return this.isAtWork;
  }
  ask(question: Question): Promise<'refused' | 'once' | 'until-closed'> {
    this.asked.push(question);
    return Promise.resolve(this.answer);
  }
}

const share = { message: 'Share?', agree: 'Share' };
const notAllowed = { data: { code: 'window.not-allowed' } };

test('a path that was given passes; others are asked about together and remembered', async () => {
  const desk = new ScriptedDesk();
  const doors = new OutsideDoors(desk);
  doors.give(['share'], '/home/mia/project', 'relative');
  await doors.use(['/home/mia/project'], 'share', share);
  await expect(doors.use(['/home/mia/project', '/home/mia', '/etc\u202e'], 'share', share)).rejects.toMatchObject(
    notAllowed,
  );
  expect(desk.asked).toEqual([{ ...share, detail: '/home/mia\n/etc\\u202e' }]);
  desk.answer = 'once';
  await doors.use(['/etc'], 'share', share);
  await doors.use(['/etc'], 'share', share);
  expect(desk.asked).toHaveLength(2);
});

test('a given path opens nothing that lies below or above it', async () => {
  const doors = new OutsideDoors(new ScriptedDesk());
  doors.give(['share'], '/home/mia/project');
  for (const other of [
    '/home/mia',
    '/home/mia/project/x',
    '/home/mia/project/../.ssh',
    '/home/mia/link/../project',
    '/home/mia/project2',
  ]) {
    await expect(doors.use([other], 'share', share), other).rejects.toThrow('window.not-allowed');
  }
});

test('a path is given for a use, and an agreement holds for its own words', async () => {
  const desk = new ScriptedDesk();
  const doors = new OutsideDoors(desk);
  doors.give(['share', 'share-read-only', 'copy-in'], '/home/mia');
  for (const use of ['copy-out', 'import', 'grant'] as const)
    await expect(doors.use(['/home/mia'], use, share), use).rejects.toMatchObject(notAllowed);
  await doors.use(['/home/mia'], 'share-read-only', share);
  await expect(doors.use(['/home/mia'], 'share', share), 'once shared to be read').rejects.toMatchObject(notAllowed);
  doors.give(['share'], '/home/mia');
  await doors.use(['/home/mia'], 'share', share);
  desk.answer = 'once';
  await doors.use(['/srv'], 'grant', { message: 'Let one read this file?', agree: 'Allow' });
  desk.answer = 'refused';
  for (const message of ['Let two read this file?', 'Let one read and change this file?'])
    await expect(doors.use(['/srv'], 'grant', { message, agree: 'Allow' }), message).rejects.toMatchObject(notAllowed);
});

test('a gesture is enough for some doors and never for a shell', async () => {
  const desk = new ScriptedDesk();
  const doors = new OutsideDoors(desk);
  const question = { message: 'Open?', detail: '', agree: 'Open', canHold: true };
  desk.isAtWork = true;
  await doors.act(question);
  await expect(doors.agree(question)).rejects.toThrow();
  desk.answer = 'until-closed';
  await doors.agree(question);
  desk.answer = 'refused';
  await doors.agree(question);
  expect(desk.asked).toHaveLength(2);
});
