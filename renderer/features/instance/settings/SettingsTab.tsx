// SPDX-License-Identifier: MIT
import { useState, type FormEvent } from 'react';
import type { HelperErrorData } from '#contract/errors.ts';
import type { HostInstance } from '#contract/host-keys.ts';
import { ofHost } from '#contract/hosts-view.ts';
import {
  keepsSizes,
  settingsOf,
  takesOf,
  type InstanceSetting,
  type SettingsChanged,
} from '#contract/instance-settings.ts';
import { formatBytes } from '#contract/units.ts';
import { say } from '#messages/say.ts';
import { errorDataOf, request } from '../../../api/client.ts';
import { setLine } from '../../../lib/cli-line.ts';
import { adviceFor, type Advice } from '../../../lib/over-commit.ts';
import { useHostPart } from '../../../store/current-host.ts';
import { useBerth } from '../../../store/index.ts';
import { Button } from '../../../ui/Button.tsx';
import { CheckField } from '../../../ui/CheckField.tsx';
import { CommandLine } from '../../../ui/CommandLine.tsx';
import { Section } from '../../../ui/Screen.tsx';
import { TextField } from '../../../ui/TextField.tsx';
import { Outcome } from './Outcome.tsx';
import { fieldOfRefusal } from './refused-field.ts';
import { fieldText, parseSettings, type SettingsDraft } from './settings-form.ts';
import styles from './SettingsTab.module.css';

/** Sizes, words and protection of an instance; each says when a change takes effect. */
export function SettingsTab({ instance }: { readonly instance: HostInstance }) {
  const [draft, setDraft] = useState<SettingsDraft>({});
  const [isSending, setSending] = useState(false);
  const [outcome, setOutcome] = useState<SettingsChanged | undefined>();
  const [refusal, setRefusal] = useState<HelperErrorData | undefined>();
  const { host, name, state } = instance;
  const settings = settingsOf(instance);
  const { changes, errors } = parseSettings(draft, settings);
  const notes = useNotes(instance, changes);
  const refused = fieldOfRefusal(refusal);
  const isChanged = Object.keys(changes).length > 0;
  const isRight = Object.keys(errors).length === 0;
  const type = (setting: InstanceSetting, text: string): void => {
    setDraft((before) => ({ ...before, [setting]: text }));
    setRefusal(undefined);
    setOutcome(undefined);
  };
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!isChanged || !isRight || isSending) return;
    setSending(true);
    await request(host, 'instances.set', { name, ...changes }).then(
      (changed) => {
        setOutcome(changed);
        setDraft({});
      },
      (error: unknown) => setRefusal(errorDataOf(error)),
    );
    setSending(false);
  };
  const field = (setting: InstanceSetting) => ({
    testId: `setting-${setting}`,
    value: draft[setting] ?? fieldText(setting, settings),
    onChange: (text: string) => type(setting, text),
    error: errors[setting] ?? (refused?.setting === setting ? refused.words : undefined),
    ...notes[setting],
  });
  return (
    <form className={styles.form} data-testid="settings-page" onSubmit={(event) => void save(event)}>
      <Section title={say('setup.sizes')}>
        <div className={styles.sizes}>
          <TextField label={say('setup.cpus')} {...field('cpus')} />
          <TextField label={say('setup.memory')} {...field('memoryBytes')} />
          <TextField
            label={say('setup.disk')}
            isDisabled={takesOf('diskBytes', state) === 'stop-needed'}
            {...field('diskBytes')}
          />
        </div>
      </Section>
      <Section title={say('setup.words')}>
        <div className={styles.words}>
          <TextField label={say('setup.description')} {...field('description')} />
          <TextField label={say('setup.tags')} {...field('tags')} />
        </div>
      </Section>
      <Section title={say('setup.protection')}>
        <CheckField
          testId="setting-isProtected"
          isSelected={(draft.isProtected ?? String(settings.isProtected)) === 'true'}
          onChange={(isProtected) => type('isProtected', String(isProtected))}
        >
          {say('setup.protect')}
        </CheckField>
        <p className={styles.note}>{say('setup.protect-note')}</p>
      </Section>
      <footer className={styles.footer}>
        <Outcome instance={instance} outcome={outcome} refusal={refused === undefined ? refusal : undefined} />
        {isChanged ? <CommandLine line={setLine(name, changes)} /> : null}
        <div className={styles.buttons}>
          <Button
            type="submit"
            tone="primary"
            data-testid="settings-save"
            isDisabled={!isChanged || !isRight || isSending}
          >
            {say('setup.save')}
          </Button>
          <Button
            data-testid="settings-revert"
            isDisabled={Object.keys(draft).length === 0 || isSending}
            onPress={() => {
              setDraft({});
              setRefusal(undefined);
            }}
          >
            {say('setup.revert')}
          </Button>
        </div>
      </footer>
    </form>
  );
}

interface Note {
  readonly note: string;
  readonly noteTone: 'plain' | 'warning';
}
type Notes = Partial<Readonly<Record<InstanceSetting, Note>>>;

/** Beside each field: when a change takes effect, and what speaks against it. */
function useNotes(instance: HostInstance, changes: Parameters<typeof setLine>[1]): Notes {
  const system = useHostPart((part) => part.system);
  const instances = useBerth((state) => state.instances);
  const others = ofHost(instances, instance.host).filter(({ name }) => name !== instance.name);
  const advice = adviceFor(changes, system, others);
  const { cpus, memoryBytes, atNextStart, state } = instance;
  const isStopped = takesOf('diskBytes', state) === 'at-once';
  const note = (words: string, about?: Advice): Note =>
    about?.isWarning === true ? { note: about.text, noteTone: 'warning' } : { note: words, noteTone: 'plain' };
  const atStart = (now: string | undefined): string =>
    now === undefined
      ? say(keepsSizes(instance) ? 'setup.at-next-boot' : 'setup.at-next-start')
      : say(keepsSizes(instance) ? 'setup.at-next-boot-now' : 'setup.at-next-start-now', { now });
  return {
    cpus: note(atStart(atNextStart?.cpus === undefined ? undefined : String(cpus ?? '')), advice.cpus),
    memoryBytes: note(
      atStart(atNextStart?.memoryBytes === undefined ? undefined : formatBytes(memoryBytes ?? 0)),
      advice.memory,
    ),
    diskBytes: note(say(isStopped ? 'setup.disk-grows' : 'setup.disk-needs-stop'), advice.disk),
    description: note(say('setup.at-once')),
    tags: note(say('setup.tags-note')),
  };
}
