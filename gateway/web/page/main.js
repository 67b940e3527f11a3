// The status page: an MQTT client like any other. What it shows comes from the retained topics, nothing from elsewhere.
/* global document, fetch, location, mqtt, setInterval, URL */
import { DeviceCard } from './device-card.js';
import { ExactTopics } from './exact-topics.js';
import { parseObject } from './format.js';

/** More cards than this would be somebody flooding the topic tree. */
const MOST_DEVICES = 500;
const KINDS = ['meta', 'state', 'availability'];

const byId = (id) => document.getElementById(id);
const cards = new Map();
/** What each gateway on this broker said of itself: online, offline. */
const states = new Map();
let connected = false;

function showFacts(facts, webSocketUrl) {
  const { gateway, base, version, needsUser } = facts;
  // Open on every address of the machine: this page was reached by one of them.
  const mqttUrl = facts.mqttUrl.replace(/\/\/(0\.0\.0\.0|\[::\])/, `//${location.hostname}`);
  document.title = `${gateway} – i2c-mqtt-gateway`;
  byId('gateway').textContent = gateway;
  byId('version').textContent = `i2c-mqtt-gateway ${version}`;
  byId('mqtt-url').textContent = mqttUrl;
  byId('websocket-url').textContent = webSocketUrl;
  const { hostname, port } = new URL(mqttUrl.replace(/^mqtt/, 'http'));
  const login = needsUser ? ' -u NAME -P PASSWORD' : '';
  byId('example').textContent = `mosquitto_sub -h ${hostname} -p ${port || '1883'}${login} -t '${base}/#' -v`;
}

function showConnection(text, className) {
  byId('connection').textContent = text;
  byId('connection').className = `badge ${className}`;
}

function whyAway(gateway) {
  if (!connected) return 'not connected';
  return states.get(gateway) === 'offline' ? 'gateway offline' : '';
}

function showWhoIsAway() {
  for (const card of cards.values()) card.away(whyAway(card.gateway));
}

function connection(isConnected, text) {
  connected = isConnected;
  showConnection(text, isConnected ? 'online' : 'offline');
  showWhoIsAway();
}

/** Not kept for later, as MQTT.js would: a pump must not start when the connection comes back in an hour. */
async function sendCommand(client, topic, text) {
  if (!client.connected) throw new Error('there is no connection');
  await client.publishAsync(topic, text, { qos: 1 });
}

/** Cards stay sorted, whichever order the retained messages come in. */
function cardOf(client, base, gateway, device) {
  const key = `${gateway}/${device}`;
  const known = cards.get(key);
  if (known !== undefined) return known;
  if (cards.size >= MOST_DEVICES) return undefined;
  const topic = `${base}/${gateway}/device/${device}/command`;
  const card = new DeviceCard(gateway, device, (name, text) => sendCommand(client, `${topic}/${name}`, text));
  card.away(whyAway(gateway));
  cards.set(key, card);
  byId('none').hidden = true;
  const next = [...cards.keys()].sort().find((other) => other > key);
  byId('devices').insertBefore(card.element, next === undefined ? null : cards.get(next).element);
  return card;
}

/** An empty retained message means that the device is no longer configured. */
function forget(gateway, device) {
  cards.get(`${gateway}/${device}`)?.element.remove();
  cards.delete(`${gateway}/${device}`);
  byId('none').hidden = cards.size > 0;
}

function receive(client, facts, exactTopics, topic, payload) {
  const [gateway, kind, device, what, name] = topic.slice(facts.base.length + 1).split('/');
  exactTopics.seen(topic);
  exactTopics.gateway(gateway);
  if (kind === 'info') {
    exactTopics.info(gateway, payload);
  } else if (kind === 'status') {
    const state = parseObject(payload)?.state;
    states.set(gateway, state);
    showWhoIsAway();
    if (gateway !== facts.gateway) return;
    if (state === 'offline') showConnection('gateway offline', 'offline');
    else showConnection('live', 'online');
  } else if (what === 'reply') {
    cards.get(`${gateway}/${device}`)?.reply(name, payload);
  } else if (what === 'meta' && payload.length === 0) {
    forget(gateway, device);
  } else if (KINDS.includes(what)) {
    cardOf(client, facts.base, gateway, device)?.[what](payload);
  }
}

async function main() {
  // Absolute: with a password in the page's own address the browser would refuse a relative one.
  const facts = await (await fetch(new URL('/page/facts.json', location.origin))).json();
  const own = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/mqtt`;
  const webSocketUrl = facts.webSocketUrl ?? own;
  showFacts(facts, webSocketUrl);
  // A timer of its own would need a worker from a blob, which the page's content policy forbids.
  const client = mqtt.connect(webSocketUrl, { timerVariant: 'native', reconnectPeriod: 2000 });
  const exactTopics = new ExactTopics(client, { base: facts.base, kinds: KINDS, mostDevices: MOST_DEVICES });
  client.on('connect', () => {
    connection(true, 'live');
    exactTopics.connected();
    const devices = `${facts.base}/+/device/+`;
    client.subscribe(
      [`${facts.base}/+/status`, ...KINDS.map((kind) => `${devices}/${kind}`), `${devices}/reply/+`],
      { qos: 1 },
      () => (byId('none').textContent = 'No device has said anything yet.'),
    );
    exactTopics.gateway(facts.gateway);
  });
  client.on('message', (topic, payload) => receive(client, facts, exactTopics, topic, payload));
  client.on('close', () => connection(false, 'not connected'));
  client.on('error', (error) => connection(false, `not connected: ${error.message}`));
  setInterval(() => cards.forEach((card) => card.tick()), 1000);
}

main().catch((error) => showConnection(`the page failed: ${error.message}`, 'offline'));
