// The normative statements of MQTT 3.1.1.
import { statementOf } from '../../../support/mqtt/statement.js';

export { ofType, published, publishes, Server, subscribe } from '../../../support/mqtt/statement.js';

export const statement = statementOf(4);
