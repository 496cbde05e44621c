// SPDX-License-Identifier: MIT
import { dialog, type BrowserWindow } from 'electron';
import { say } from '#messages/say.ts';
import type { Desk, Question } from '../link/outside-doors.ts';

/** As long as browsers let a gesture count (HTML, transient activation). */
const gestureMs = 5000;
/**
 * What a person does; a pointer that only moves is no wish. Scripts cannot make these: they come from the window
 * system.
 */
const gestures: ReadonlySet<string> = new Set([
  'mouseDown',
  'mouseUp',
  'rawKeyDown',
  'keyDown',
  'touchStart',
  'touchEnd',
  'gestureTap',
]);

/** The person before the window: whether he has just done something, and his answers. */
export function deskOf(window: BrowserWindow): Desk {
  let lastGestureMs = Number.NEGATIVE_INFINITY;
  window.webContents.on('input-event', (_, { type }) => {
    if (gestures.has(type)) lastGestureMs = performance.now();
  });
  return {
    isPersonAtWork: () => performance.now() - lastGestureMs < gestureMs,
    ask: async (question) => await ask(window, question),
  };
}

async function ask(
  window: BrowserWindow,
  { message, detail, agree, canHold }: Question,
): Promise<'refused' | 'once' | 'until-closed'> {
  const { response, checkboxChecked } = await dialog.showMessageBox(window, {
    type: 'question',
    message,
    detail,
    buttons: [say('desktop.button.cancel'), agree],
    // The key that a person is just pressing must not agree.
    defaultId: 0,
    cancelId: 0,
    noLink: true,
    ...(canHold ? { checkboxLabel: say('desktop.ask.hold') } : {}),
  });
  if (response !== 1) return 'refused';
  return checkboxChecked ? 'until-closed' : 'once';
}
