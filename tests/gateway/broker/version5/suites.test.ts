// What holds for clients of 3.1.1 holds for those of MQTT 5: the same suites, by clients that speak that. Those of delivery
// and of refused filters are run on Mosquitto, too; the others look into the embedded broker, its clock or its journal, and
// what they and Mosquitto have in common (wills, sessions, Receive Maximum) are statements (conformance5/).
process.env['TEST_MQTT_VERSION'] = '5';

for (const suite of [
  'delivery/delivery',
  'embedded/broker',
  'intake/order-after-takeover',
  'journal/left-wills',
  'retained/to-subscribers',
  'rights/refused-filters',
  'rights/rights',
  'sessions/filters',
  'sessions/session-ages',
  'sessions/session-life',
])
  await import(`../${suite}.test.js`);
