// SPDX-License-Identifier: MIT
import { say } from '#messages/say.ts';
import { useHostPart } from '../../store/current-host.ts';
import { CheckList } from '../../ui/CheckList.tsx';
import { Section } from '../../ui/Screen.tsx';

/** What a person may want to mend on this computer; nothing when all is good. */
export function HostProblems() {
  const checks = useHostPart((part) => part.system?.checks);
  const problems = (checks ?? []).filter((check) => check.state === 'limited' || check.state === 'missing');
  if (problems.length === 0) return null;
  return (
    <Section title={say('first-run.title')}>
      <p style={{ color: 'var(--text-soft)', marginBottom: 12 }}>{say('first-run.text')}</p>
      <CheckList checks={problems} />
    </Section>
  );
}
