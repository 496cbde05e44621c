// SPDX-License-Identifier: MIT
import { RefreshCw, Shield, ShieldAlert, ShieldCheck, ShieldOff } from 'lucide-react';
import type { InstanceSecurity } from '#contract/security.ts';
import { say } from '#messages/say.ts';
import { classNames } from '../../../lib/class-names.ts';
import { sentences } from '../../../lib/format.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { layerWords } from './layer-words.ts';
import { verdictOf } from './verdict.ts';
import styles from './SecurityTab.module.css';

const icons = { held: ShieldCheck, partly: ShieldAlert, open: ShieldOff, reporting: ShieldOff, idle: Shield } as const;

interface VerdictProps {
  readonly security: InstanceSecurity;
  readonly onMeasure: () => void;
  readonly onConsent: (isGiven: boolean) => void;
}

/** The page in one sentence, and the owner's consent where it is of account. */
export function Verdict({ security, onMeasure, onConsent }: VerdictProps) {
  const { kind } = verdictOf(security);
  const Icon = icons[kind];
  const [title, text] = wordsOf(security);
  return (
    <div className={classNames(styles.verdict, styles[kind])} data-testid="security-verdict" data-verdict={kind}>
      <Icon size={32} aria-hidden="true" />
      <div>
        <h2>{title}</h2>
        <p>{text}</p>
        {security.isRestartNeeded ? <p className={styles.restart}>{say('security.restart')}</p> : null}
        <Consent security={security} onConsent={onConsent} />
      </div>
      {kind === 'idle' ? null : (
        <IconButton
          label={say('security.measure-again')}
          icon={<RefreshCw />}
          onPress={onMeasure}
          data-testid="security-measure"
        />
      )}
    </div>
  );
}

function wordsOf(security: InstanceSecurity): readonly [string, string] {
  const { name, layers, modelReason } = security;
  const { kind, standing, lacking } = verdictOf(security);
  const list = lacking.map((layer) => lowerFirst(layerWords(layer)[0])).join(', ');
  switch (kind) {
    case 'held':
      return [say('security.held', { name }), say('security.held-text', { count: layers.length })];
    case 'partly':
      return [
        say('security.partly', { name, standing, count: layers.length }),
        [say('security.partly-lacking', { lacking: list }), sentences(modelReason), say('security.partly-others')]
          .filter(Boolean)
          .join(' '),
      ];
    case 'open':
      return [say('security.open', { name }), say('security.open-text', { lacking: list })];
    case 'reporting':
      return [say('security.reporting', { name }), say('security.reporting-text')];
    case 'idle':
      return [say('security.idle', { name }), say('security.idle-text')];
    default:
      return kind satisfies never;
  }
}

/** Asked where the kernel has no AppArmor alone; what was given can be withdrawn, for the next start. */
function Consent({ security, onConsent }: Pick<VerdictProps, 'security' | 'onConsent'>) {
  const { model, modelReason, needsConsent, settings } = security;
  if (model === 'apparmor') return null;
  const button = needsConsent ? (
    <Button size="small" onPress={() => onConsent(true)} data-testid="consent-give">
      {say('security.consent-give')}
    </Button>
  ) : settings.isAllowedWithoutAppArmor ? (
    <Button size="small" onPress={() => onConsent(false)} data-testid="consent-withdraw">
      {say('security.consent-withdraw')}
    </Button>
  ) : null;
  if (button === null) return null;
  const words = needsConsent
    ? say('security.consent-needed', { reason: modelReason ?? '' })
    : say('security.consent-given');
  return (
    <div className={styles.consent}>
      <p>
        {words} <span>{say('security.consent-explain')}</span>
      </p>
      {button}
    </div>
  );
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
