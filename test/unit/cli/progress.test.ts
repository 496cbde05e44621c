// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { paintFor } from '../../../cli/render/colour.ts';
import { ProgressLine, ProgressLog, progressText } from '../../../cli/render/progress.ts';
import { displayWidth } from '../../../cli/render/width.ts';

const paint = paintFor({}, {});

test('the text names operation, step, share, bytes and both times', () => {
  expect(
    progressText(
      {
        label: 'build tiny',
        startedAtMs: 0,
        step: 'packages',
        stepStartedAtMs: 3000,
        fraction: 0.426,
        bytes: 1024 ** 2,
        totalBytes: 2.5 * 1024 ** 2,
      },
      4200,
    ),
  ).toBe('build tiny: packages · 42 % · 1 MiB of 2.5 MiB · 1.2 s (4.2 s)');
  expect(progressText({ label: 'stop web', startedAtMs: 0 }, 65_000)).toBe('stop web: 1 min 5 s');
});

test('the line stays within the terminal, and is gone when the last operation ends', () => {
  let written = '';
  const line = new ProgressLine(
    {
      columns: 40,
      write: (text) => {
        written += text;
      },
    },
    paint,
  );
  line.update('a', {
    label: 'launch a-rather-long-name',
    startedAtMs: Date.now(),
    step: 'a step with a long description',
  });
  line.update('b', { label: 'launch b', startedAtMs: Date.now() });
  for (const drawn of written.split('\r\u001b[K')) expect(displayWidth(drawn)).toBeLessThan(40);
  line.finish('a', 'launch a: 3.0 s');
  line.finish('b');
  expect(written).toContain('✓ launch a: 3.0 s\n');
  expect(written.endsWith('\r\u001b[K')).toBe(true);
});

test('a paused line draws nothing', () => {
  let written = '';
  const line = new ProgressLine(
    {
      write: (text) => {
        written += text;
      },
    },
    paint,
  );
  line.update('a', { label: 'launch a', startedAtMs: Date.now() });
  line.pause();
  written = '';
  line.update('a', { label: 'launch a', startedAtMs: Date.now(), step: 'kernel' });
  expect(written).toBe('');
  line.resume();
  expect(written).toContain('kernel');
  line.close();
});

test('a log has one line per step and no control characters', () => {
  let written = '';
  const log = new ProgressLog({
    write: (text) => {
      written += text;
    },
  });
  for (const step of ['firmware', 'firmware', 'kernel\u001b[2J'])
    log.update('a', { label: 'launch a', startedAtMs: Date.now(), step });
  log.finish('a', 'launch a: 3.0 s');
  expect(written.split('\n')).toHaveLength(4);
  expect(written).not.toContain('\u001b');
});
