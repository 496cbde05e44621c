// SPDX-License-Identifier: MIT
import { Redirect, Route, Switch } from 'wouter';
import { ActivityScreen } from './features/activity/ActivityScreen.tsx';
import { HelperDown } from './features/helper-down/HelperDown.tsx';
import { LostBanner } from './features/helper-down/LostBanner.tsx';
import { HostProblems } from './features/first-run/HostProblems.tsx';
import { ImageSources } from './features/image-sources/ImageSources.tsx';
import { ImagesScreen } from './features/images/ImagesScreen.tsx';
import { InstanceScreen } from './features/instance/InstanceScreen.tsx';
import { InstancesScreen } from './features/instances/InstancesScreen.tsx';
import { LaunchScreen } from './features/launch/LaunchScreen.tsx';
import { Rail } from './features/rail/Rail.tsx';
import { SettingsScreen } from './features/settings/SettingsScreen.tsx';
import { instanceTabs } from './instance-tabs.ts';
import { useHost, useHostPart } from './store/current-host.ts';
import styles from './routes.module.css';

/** Which screen stands at which address, and what comes before any of them. */
export function Routes() {
  const hasSnapshot = useHostPart((part) => part.hasSnapshot);
  const isStale = useHostPart((part) => part.hasSnapshot && part.link.state !== 'connected');
  return (
    <div className={styles.window}>
      <Rail />
      <div className={styles.page}>
        {isStale ? <LostBanner /> : null}
        <div className={styles.screen} data-stale={isStale || undefined} inert={isStale}>
          <Switch>
            <Route path="/settings">
              <SettingsScreen sources={<ImageSources />} />
            </Route>
            {hasSnapshot ? (
              <Screens />
            ) : (
              <Route>
                <HelperDown />
              </Route>
            )}
          </Switch>
        </div>
      </div>
    </div>
  );
}

/** Those of a host begin with it; the rest is about all. */
function Screens() {
  const host = useHost();
  return (
    <Switch>
      <Route path="/">
        <InstancesScreen welcome={<HostProblems />} />
      </Route>
      <Route path={`/${host}/launch/:alias?`}>
        {({ alias }) => <LaunchScreen {...(alias === undefined ? {} : { alias: decodeURIComponent(alias) })} />}
      </Route>
      <Route path={`/${host}/instances/:name/:tab?`}>
        {({ name, tab }) => (
          <InstanceScreen key={`${host}/${name}`} host={host} name={name} tab={tab ?? 'overview'} tabs={instanceTabs} />
        )}
      </Route>
      <Route path={`/${host}/images`}>
        <ImagesScreen />
      </Route>
      <Route path="/activity">
        <ActivityScreen />
      </Route>
      <Route>
        <Redirect to="/" />
      </Route>
    </Switch>
  );
}
