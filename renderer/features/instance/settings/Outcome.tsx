// SPDX-License-Identifier: MIT
import { describeError, type HelperErrorData } from '#contract/errors.ts';
import { keyOf, type HostInstance } from '#contract/host-keys.ts';
import { keepsSizes, type DiskGrowth, type SettingsChanged } from '#contract/instance-settings.ts';
import { rowOf } from '#contract/open-enum.ts';
import { isOffered } from '#contract/verbs.ts';
import { say } from '#messages/say.ts';
import { act } from '../../../store/commands.ts';
import { Banner } from '../../../ui/Banner.tsx';
import { Button } from '../../../ui/Button.tsx';

interface OutcomeProps {
  readonly instance: HostInstance;
  readonly outcome: SettingsChanged | undefined;
  readonly refusal: HelperErrorData | undefined;
}

const growthWords = {
  'by-itself': 'setting.disk-grows.by-itself',
  'by-hand': 'setting.disk-grows.by-hand',
  'not-known': 'setting.disk-grows.not-known',
} as const satisfies Readonly<Record<DiskGrowth, string>>;

/** What came of the last save: done, what it still takes, or why not. */
export function Outcome({ instance, outcome, refusal }: OutcomeProps) {
  if (refusal !== undefined) {
    const { message, hint } = describeError(refusal);
    return (
      <Banner tone="bad" title={message}>
        <span>{hint}</span>
      </Banner>
    );
  }
  if (outcome === undefined) return null;
  const { name } = instance;
  const { diskGrowth, warnings = [] } = outcome;
  const isWaiting = instance.atNextStart !== undefined;
  const lines = [
    ...(isWaiting ? [say(keepsSizes(instance) ? 'setup.after-stop' : 'setup.after-restart')] : []),
    ...(diskGrowth === undefined ? [] : [say(rowOf(growthWords, diskGrowth, growthWords['not-known']), { name })]),
    ...warnings,
  ];
  return (
    <Banner
      tone={warnings.length > 0 ? 'warning' : 'plain'}
      title={say('setup.saved')}
      action={
        isWaiting && isOffered('restart', instance) ? (
          <Button size="small" onPress={() => void act('restart', keyOf(instance))}>
            {say('setup.restart')}
          </Button>
        ) : undefined
      }
    >
      {lines.map((line) => (
        <span key={line}>{line}</span>
      ))}
    </Banner>
  );
}
