// How programs connect, which version it is, and whose clock the times are of.
import type { JSX } from 'preact';
import { useSession, useSpeech } from '../pieces/session.js';
import { zoneText } from '../words/times.js';

export function Footer(): JSX.Element {
  const { facts, webSocketUrl } = useSession();
  const { connect } = useSpeech().texts;
  const { base, version, needsUser } = facts;
  // Open on every address of the machine: this page was reached by one of them.
  const mqttUrl = facts.mqttUrl.replace(/\/\/(0\.0\.0\.0|\[::\])/, `//${location.hostname}`);
  const { hostname, port } = new URL(mqttUrl.replace(/^mqtt/, 'http'));
  const login = needsUser === true ? ' -u NAME -P PASSWORD' : '';
  return (
    <footer class="bottom">
      <details>
        <summary>{connect.title}</summary>
        <dl id="addresses">
          <dt>MQTT</dt>
          <dd>
            <code id="mqtt-url">{mqttUrl}</code>
          </dd>
          <dt>{connect.webSocket}</dt>
          <dd>
            <code id="websocket-url">{webSocketUrl}</code>
          </dd>
          <dt>{connect.everything}</dt>
          <dd>
            <code id="example">{`mosquitto_sub -h ${hostname} -p ${port === '' ? '1883' : port}${login} -t '${base}/#' -v`}</code>
          </dd>
        </dl>
      </details>
      <p class="quiet">
        <span id="version">i2c-mqtt-gateway {version}</span> · <a href="/healthz">{connect.health}</a> ·{' '}
        <a href="/page/licences.txt">{connect.licences}</a> · {connect.zone(zoneText())}
      </p>
    </footer>
  );
}
