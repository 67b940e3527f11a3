// One device on the page: what it is (meta), whether it is there (availability), what it last said (state).
/* global document */
import { CommandForm } from './command-form.js';
import { ageText, element, entriesOf, parseObject, valueText } from './format.js';

/** Points kept for a trend line. */
const TREND_POINTS = 60;
const SVG = 'http://www.w3.org/2000/svg';

export class DeviceCard {
  #meta = {};
  #state = {};
  #trends = new Map();
  #forms = new Map();
  #title = element('h3');
  #badge = element('span', 'badge', 'unknown');
  #about = element('p', 'quiet');
  #reason = element('p', 'quiet');
  #rows = document.createElement('tbody');
  #age = element('p', 'quiet');
  #commands = document.createElement('div');
  #sendCommand;
  #availability = {};
  #away = '';
  #drawnCommands;

  /** `sendCommand(name, text)` publishes to the device's command topic. */
  constructor(gateway, device, sendCommand) {
    this.#sendCommand = sendCommand;
    this.element = document.createElement('article');
    this.element.dataset.device = device;
    const head = document.createElement('header');
    const table = document.createElement('table');
    this.#title.textContent = device;
    this.#about.textContent = `${gateway} / ${device}`;
    this.gateway = gateway;
    this.device = device;
    head.append(this.#title, this.#badge);
    table.append(this.#rows);
    this.element.append(head, this.#about, this.#reason, table, this.#age, this.#commands);
  }

  meta(payload) {
    this.#meta = parseObject(payload) ?? {};
    const { label, type, address, bus } = this.#meta;
    if (typeof label === 'string') this.#title.textContent = label;
    const parts = [`${this.gateway} / ${this.device}`, type, bus, address].filter(
      (part) => typeof part === 'string',
    );
    this.#about.textContent = parts.join(' · ');
    this.#drawCommands();
    this.#draw();
  }

  /** Retained topics are said anew at every connection: what somebody is just typing must stay. */
  #drawCommands() {
    const described = JSON.stringify(this.#meta.commands);
    if (described === this.#drawnCommands) return;
    this.#drawnCommands = described;
    this.#forms.clear();
    for (const [name, schema] of entriesOf(this.#meta.commands)) {
      this.#forms.set(name, new CommandForm(name, schema, (text) => this.#sendCommand(name, text)));
    }
    this.#commands.replaceChildren(...[...this.#forms.values()].map((form) => form.element));
  }

  availability(payload) {
    this.#availability = parseObject(payload) ?? {};
    this.#drawAvailability();
  }

  /** Why nothing new can come (no connection, a gateway that is offline), or '' while it can. */
  away(why) {
    this.#away = why;
    this.#drawAvailability();
  }

  #drawAvailability() {
    const { state, since, reason } = this.#availability;
    const known = ['online', 'degraded', 'offline'].includes(state) ? state : 'unknown';
    // What the gateway said last is no longer known to be true.
    this.element.classList.toggle('away', this.#away !== '');
    this.#badge.textContent = this.#away === '' ? known : this.#away;
    this.#badge.className = this.#away === '' ? `badge ${known}` : 'badge offline';
    const sinceText = typeof since === 'number' ? `since ${new Date(since).toLocaleString()}` : '';
    const why = typeof reason === 'string' ? `${reason}, ` : '';
    this.#reason.textContent = known === 'online' ? '' : why + sinceText;
  }

  state(payload) {
    this.#state = parseObject(payload) ?? {};
    for (const [field, value] of Object.entries(this.#state.values ?? {})) {
      if (typeof value !== 'number') continue;
      const points = this.#trends.get(field) ?? [];
      points.push(value);
      this.#trends.set(field, points.slice(-TREND_POINTS));
    }
    this.#draw();
  }

  reply(name, payload) {
    this.#forms.get(name)?.reply(payload);
  }

  tick(now) {
    const age = ageText(this.#state.ts, now);
    this.#age.textContent = age === '' ? '' : `read ${age}`;
  }

  #draw() {
    const fields = new Map(entriesOf(this.#meta.fields));
    const values = this.#state.values ?? {};
    // A state may hold fields before its meta came, and a meta fields that were never read.
    for (const field of Object.keys(values)) if (!fields.has(field)) fields.set(field, {});
    this.#rows.replaceChildren(...[...fields].map(([field, spec]) => this.#row(field, spec, values[field])));
    this.tick();
  }

  #row(field, spec, value) {
    const row = document.createElement('tr');
    row.dataset.field = field;
    const missing = value === undefined || value === null;
    const error = this.#state.errors?.[field];
    const text = missing ? (typeof error === 'string' ? error : '–') : valueText(value, spec.unit);
    const trend = element('td', 'trend');
    trend.append(trendLine(this.#trends.get(field) ?? []));
    row.append(
      element('th', '', typeof spec.label === 'string' ? spec.label : field),
      element('td', missing ? 'value missing' : 'value', text),
      trend,
    );
    return row;
  }
}

function trendLine(points) {
  if (points.length < 2) return '';
  const low = Math.min(...points);
  const span = Math.max(...points) - low || 1;
  const line = document.createElementNS(SVG, 'polyline');
  const at = (value, index) => `${(index / (points.length - 1)) * 100},${19 - ((value - low) / span) * 18}`;
  line.setAttribute('points', points.map(at).join(' '));
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 100 20');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(line);
  return svg;
}
