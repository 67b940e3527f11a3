// A form for one command, drawn from the argument schema in the device's meta topic.
/* global crypto, document */
import { element, entriesOf, parseObject } from './format.js';

/** Random even where the page is not on a secure origin, which crypto.randomUUID needs. */
function newId() {
  return [...crypto.getRandomValues(new Uint8Array(8))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}

function inputFor(schema) {
  const input = document.createElement('input');
  if (schema.type === 'boolean') {
    input.type = 'checkbox';
    input.checked = schema.default === true;
    return input;
  }
  input.type = schema.type === 'number' ? 'number' : 'text';
  input.required = true;
  input.step = 'any';
  if (typeof schema.min === 'number') input.min = String(schema.min);
  if (typeof schema.max === 'number') input.max = String(schema.max);
  if (schema.default !== undefined) input.value = String(schema.default);
  else if (typeof schema.min === 'number') input.value = String(schema.min);
  return input;
}

function valueOf(input) {
  if (input.type === 'checkbox') return input.checked;
  return input.type === 'number' ? input.valueAsNumber : input.value;
}

export class CommandForm {
  #inputs = new Map();
  #output = element('output');
  #waitingFor;

  /** `send` gets the command's payload as text. */
  constructor(name, schema, send) {
    this.element = document.createElement('form');
    this.element.dataset.command = name;
    for (const [argument, spec] of entriesOf(schema.args)) {
      const label = element('label', '', typeof spec.label === 'string' ? spec.label : argument);
      const input = inputFor(spec);
      this.#inputs.set(argument, input);
      label.append(input, typeof spec.unit === 'string' ? spec.unit : '');
      this.element.append(label);
    }
    this.element.append(
      element('button', '', typeof schema.label === 'string' ? schema.label : name),
      this.#output,
    );
    this.element.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit(send);
    });
  }

  /** A message of the command's reply topic; others' answers are not ours. */
  reply(payload) {
    const reply = parseObject(payload);
    if (reply === undefined || this.#waitingFor === undefined || reply.id !== this.#waitingFor) return;
    this.#waitingFor = undefined;
    const why = reply.error ? `: ${reply.error.code} – ${reply.error.message}` : '';
    this.#say(reply.status, `${reply.status}${why} (${reply.ms} ms)`);
  }

  #submit(send) {
    const id = newId();
    const args = Object.fromEntries([...this.#inputs].map(([name, input]) => [name, valueOf(input)]));
    this.#waitingFor = id;
    this.#say('pending', 'sent, no answer yet');
    send(JSON.stringify({ id, args })).catch((error) => {
      if (this.#waitingFor === id) this.#say('failed', `not sent: ${error.message}`);
    });
  }

  #say(status, text) {
    this.#output.className = ['done', 'failed', 'rejected', 'expired', 'pending'].includes(status)
      ? status
      : '';
    this.#output.textContent = text;
  }
}
