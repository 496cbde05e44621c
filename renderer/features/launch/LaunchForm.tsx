// SPDX-License-Identifier: MIT
import { useEffect, useState, type FormEvent } from 'react';
import { useLocation } from 'wouter';
import { instanceKey } from '#contract/host-keys.ts';
import { ofHost } from '#contract/hosts-view.ts';
import { say } from '#messages/say.ts';
import { useHost, useHostPart } from '../../store/current-host.ts';
import { instanceAddress } from '../../lib/addresses.ts';
import type { CatalogueEntry } from '#contract/images.ts';
import { request } from '../../api/client.ts';
import { checkUserData } from '../../lib/check-user-data.ts';
import { launchLine } from '../../lib/cli-line.ts';
import { notify, useBerth } from '../../store/index.ts';
import { useRefusal } from '../../store/use-refusal.ts';
import { Banner } from '../../ui/Banner.tsx';
import { Button } from '../../ui/Button.tsx';
import { CommandLine } from '../../ui/CommandLine.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { ConsentField } from './ConsentField.tsx';
import { defaultFields, parseLaunchForm, type LaunchFields } from './launch-form.ts';
import { adviceFor, type Advice } from '../../lib/over-commit.ts';
import { UserDataField } from './UserDataField.tsx';
import styles from './LaunchForm.module.css';

/** Name, sizes and cloud-init of a new instance; checked while typing by the helper's own schema. */
export function LaunchForm({ entry }: { readonly entry: CatalogueEntry }) {
  const host = useHost();
  const system = useHostPart((part) => part.system);
  const instances = useBerth((state) => state.instances);
  const [, navigate] = useLocation();
  const [fields, setFields] = useState<LaunchFields>(() => ({
    name: '',
    userData: '',
    timeout: '',
    ...defaultFields(entry, system),
  }));
  const [suggested, setSuggested] = useState('');
  const [isConsentGiven, setConsentGiven] = useState(false);
  const [isSending, setSending] = useState(false);
  const [refusal, attempt] = useRefusal();
  useEffect(() => {
    // Without a suggestion the helper chooses the name at the launch.
    request(host, 'instances.suggest-name', {}).then(
      ({ name }) => setSuggested(name),
      () => undefined,
    );
  }, [host]);
  const parsed = parseLaunchForm({ ...fields, name: fields.name === '' ? suggested : fields.name }, entry);
  const taken = instances[instanceKey(host, fields.name.trim())];
  const errors = {
    ...parsed.errors,
    ...(taken === undefined
      ? {}
      : { name: say(taken.state === 'deleted' ? 'launch.taken-deleted' : 'launch.taken', { name: taken.name }) }),
  };
  const userDataError = errors.userData ?? checkUserData(fields.userDataFile?.bytes ?? fields.userData);
  const lacking = system?.confinement?.needsConsent === true ? (system.confinement.reason ?? '') : undefined;
  const canLaunch =
    parsed.params !== undefined &&
    (lacking === undefined || isConsentGiven) &&
    taken === undefined &&
    userDataError === undefined &&
    !isSending;
  const advice = adviceFor(parsed.partial, system, ofHost(instances, host));
  const set =
    (field: Exclude<keyof LaunchFields, 'userDataFile'>) =>
    (value: string): void =>
      setFields((before) => ({ ...before, [field]: value }));
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const { params } = parsed;
    if (params === undefined || !canLaunch) return;
    setSending(true);
    const isAccepted = await attempt(async () => {
      const { target, warnings } = await request(host, 'instances.launch', {
        ...params,
        ...(isConsentGiven ? { isAllowedWithoutAppArmor: true } : {}),
      });
      const instance = instanceKey(host, target);
      if (warnings !== undefined)
        notify({
          id: `user-data-${instance}`,
          tone: 'plain',
          title: say('launch.user-data-warning'),
          message: warnings.join(' '),
          instance,
        });
      navigate(instanceAddress(instance));
    });
    if (!isAccepted) setSending(false);
  };
  return (
    <form className={styles.form} aria-label={say('launch.configure')} onSubmit={(event) => void submit(event)}>
      <div className={styles.fields}>
        <TextField
          label={say('launch.name')}
          testId="launch-name"
          value={fields.name}
          onChange={set('name')}
          placeholder={suggested}
          error={errors.name}
          autoFocus
        />
        <div className={styles.sizes}>
          <TextField
            label={say('launch.cpus')}
            testId="launch-cpus"
            value={fields.cpus}
            onChange={set('cpus')}
            error={errors.cpus}
            {...noteOf(advice.cpus)}
          />
          <TextField
            label={say('launch.memory')}
            testId="launch-memory"
            value={fields.memory}
            onChange={set('memory')}
            error={errors.memory}
            {...noteOf(advice.memory)}
          />
          <TextField
            label={say('launch.disk')}
            testId="launch-disk"
            value={fields.disk}
            onChange={set('disk')}
            error={errors.disk}
            {...noteOf(advice.disk)}
          />
        </div>
        <UserDataField
          text={fields.userData}
          file={fields.userDataFile}
          error={userDataError}
          onText={set('userData')}
          onFile={(userDataFile) => setFields((before) => ({ ...before, userDataFile }))}
        />
        <TextField
          label={say('launch.timeout')}
          testId="launch-timeout"
          value={fields.timeout}
          onChange={set('timeout')}
          error={errors.timeout}
          note={say('launch.timeout-note')}
        />
        <div className={styles.cli}>
          <span>{say('launch.cli')}</span>
          <CommandLine
            line={launchLine({
              ...parsed.partial,
              image: entry.alias,
              hasUserData: parsed.partial.userDataBase64 !== undefined,
              isAllowedWithoutAppArmor: isConsentGiven,
            })}
          />
        </div>
      </div>
      <footer className={styles.footer}>
        {lacking === undefined ? null : (
          <ConsentField reason={lacking} isGiven={isConsentGiven} onChange={setConsentGiven} />
        )}
        {refusal === undefined ? null : (
          <Banner tone="bad" title={refusal.message}>
            <span>{refusal.hint}</span>
          </Banner>
        )}
        <Button type="submit" tone="primary" data-testid="launch-submit" isDisabled={!canLaunch}>
          {say('launch.launch')}
        </Button>
      </footer>
    </form>
  );
}

function noteOf(advice: Advice | undefined): { note?: string; noteTone?: 'plain' | 'warning' } {
  return advice === undefined ? {} : { note: advice.text, noteTone: advice.isWarning ? 'warning' : 'plain' };
}
