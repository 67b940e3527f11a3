// Which number of the health report is which metric. Labels are the keys of the report at that place: buses and devices of the
// configuration, codes and states of closed lists, so there is no more of them than the file has.

export interface Metric {
  /** Where it is in the report; a `{label}` stands for every key. */
  readonly path: string;
  /** Without the prefix. */
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  /** Times this it is in the unit of its name. */
  readonly scale?: number;
  /** A word of these: one sample for each, 1 for the one that holds. */
  readonly states?: readonly string[];
  /** 1 where it is this word, else 0. */
  readonly is?: string;
  /** 1 where there is something, else 0. */
  readonly isThere?: true;
}

export const PREFIX = 'i2c_mqtt_gateway_';

const SECONDS = { scale: 0.001 } as const;
const BYTES_OF_MB = { scale: 1024 * 1024 } as const;

type Extra = Pick<Metric, 'scale' | 'states' | 'is' | 'isThere'>;

function counter(path: string, name: string, help: string, extra: Extra = {}): Metric {
  return { path, name, type: 'counter', help, ...extra };
}

function gauge(path: string, name: string, help: string, extra: Extra = {}): Metric {
  return { path, name, type: 'gauge', help, ...extra };
}

const BUSES = [
  gauge('buses.{bus}.state', 'bus_up', '1 while the bus is open.', { is: 'up' }),
  gauge(
    'buses.{bus}.utilisation',
    'bus_utilisation_ratio',
    'Share of the time that the bus was taken, lately.',
  ),
  gauge(
    'buses.{bus}.waiting.{priority}',
    'bus_waiting_transactions',
    'Transactions that wait for their turn.',
  ),
  gauge(
    'buses.{bus}.longestWaitMs',
    'bus_longest_wait_seconds',
    'The longest any transaction has waited.',
    SECONDS,
  ),
  counter(
    'buses.{bus}.busyMs',
    'bus_busy_seconds_total',
    'Time that the bus was taken, with rests.',
    SECONDS,
  ),
  counter('buses.{bus}.transactions', 'bus_transactions_total', 'Transactions that were run.'),
  counter('buses.{bus}.failures', 'bus_failures_total', 'Transactions that failed.'),
  counter('buses.{bus}.refusedFull', 'bus_refused_total', 'Transactions refused because too many waited.'),
  counter(
    'buses.{bus}.abandoned',
    'bus_abandoned_total',
    'Transactions given up before they ended on the wire.',
  ),
  counter('buses.{bus}.recovery.{step}', 'bus_recoveries_total', 'Steps taken to bring the bus back.'),
  gauge(
    'budget.{bus}.scheduled',
    'bus_scheduled_ratio',
    'Share of the bus that the schedule needs by itself.',
  ),
  gauge(
    'budget.{bus}.measured',
    'bus_demand_ratio',
    'Share of the bus that the schedule needs as measured; above 1 it is not held.',
  ),
] as const;

const DEVICES = [
  gauge('devices.{device}.availability.state', 'device_availability', '1 for the state that holds.', {
    states: ['unknown', 'online', 'degraded', 'offline'],
  }),
  counter('devices.{device}.polls', 'device_polls_total', 'Reads that were done.'),
  counter('devices.{device}.missed', 'device_missed_polls_total', 'Reads that had no turn.'),
  counter('devices.{device}.probes', 'device_probes_total', 'Looks for the device while it was away.'),
  counter('devices.{device}.failures', 'device_failures_total', 'Transactions that failed.'),
  counter(
    'devices.{device}.unchanged',
    'device_unchanged_samples_total',
    'Samples not published: they were no news.',
  ),
  counter(
    'devices.{device}.faults.{cause}.count',
    'device_faults_total',
    'What the device did wrong, by cause.',
  ),
] as const;

const ALARMS = [
  gauge('alarms.states.{severity}.{device}.{alarm}', 'alarm_raised', '1 while the alarm is raised.'),
  gauge('alarms.unacknowledged', 'alarms_unacknowledged', 'Raised, and acknowledged by nobody.'),
  gauge('alarms.webhooks.{webhook}.state', 'webhook_failing', '1 while it is not told.', { is: 'failing' }),
  gauge('alarms.webhooks.{webhook}.waiting', 'webhook_waiting_notices', 'Notices that wait for it.'),
  counter('alarms.webhooks.{webhook}.notices.{outcome}', 'webhook_notices_total', 'What became of notices.'),
  counter('alarms.webhooks.{webhook}.failures', 'webhook_failures_total', 'Attempts that failed.'),
] as const;

const RECORDING = [
  counter('recorder.{outcome}', 'recorder_samples_total', 'Samples that came to the recorder.'),
  gauge('outbox.depth', 'outbox_samples', 'Samples that wait for the store.'),
  gauge('outbox.deadLetters', 'outbox_dead_letters', 'Samples that the store refused for good.'),
  gauge(
    'outbox.oldestAcceptedTs',
    'outbox_oldest_timestamp_seconds',
    'When the oldest that waits was accepted.',
    SECONDS,
  ),
  counter('outbox.refusedSamples', 'outbox_refused_samples_total', 'Samples not acknowledged: no room.'),
  counter('outbox.droppedSamples', 'outbox_dropped_samples_total', 'Samples thrown away to make room.'),
  counter(
    'outbox.droppedDeadLetters',
    'outbox_dropped_dead_letters_total',
    'Dead letters thrown away to make room.',
  ),
  gauge('outbox.disk.freeBytes', 'disk_free_bytes', 'Free on the disk of the data folder.'),
  gauge('outbox.disk.usedBytes', 'store_used_bytes', 'In use in the local store.'),
  gauge(
    'outbox.disk.shortage',
    'store_shortage',
    '1 for what there is too little of: disk, or the size it may have.',
    {
      states: ['disk', 'size'],
    },
  ),
  gauge('store.state', 'store_state', '1 for the state that holds.', {
    states: ['unknown', 'ok', 'unreachable', 'refused', 'failed'],
  }),
  counter('store.delivered', 'store_delivered_samples_total', 'Samples that the store has taken.'),
  counter('store.poisoned', 'store_poisoned_samples_total', 'Samples that the store will never take.'),
  counter('commands.received', 'commands_received_total', 'Commands that came.'),
  counter(
    'commands.repeated',
    'commands_repeated_total',
    'Commands that came again and got their stored answer.',
  ),
  counter('commands.byStatus.{status}', 'commands_answered_total', 'Commands by the status of their answer.'),
  counter(
    'commands.left.{outcome}',
    'commands_left_total',
    'Commands that an earlier process had not answered.',
  ),
  gauge('commands.journal.rows', 'commands_remembered', 'Commands in the journal.'),
  counter(
    'commands.journal.forgottenAnswers',
    'commands_forgotten_answers_total',
    'Answers that could not be given and made room for newer ones.',
  ),
  counter('logbook.{outcome}', 'logbook_entries_total', 'Entries of the logbook: kept, left out, failed.'),
] as const;

const BROKER = [
  gauge('broker.uptimeS', 'broker_uptime_seconds', 'Since the broker started.'),
  gauge('broker.clients', 'broker_clients', 'Clients that are connected.'),
  gauge('broker.mostClients', 'broker_clients_maximum', 'The most clients that were connected at once.'),
  gauge('broker.clientsAway', 'broker_sessions_away', 'Persistent sessions whose clients are away.'),
  counter('broker.expiredSessions', 'broker_sessions_expired_total', 'Sessions nobody came back for.'),
  counter('broker.droppedSessions', 'broker_sessions_dropped_total', 'Sessions forgotten for their number.'),
  counter(
    'broker.droppedIncoming',
    'broker_handshakes_forgotten_total',
    'Half-done QoS 2 messages that clients left and that made room.',
  ),
  gauge('broker.subscriptions', 'broker_subscriptions', 'Filters of clients and sessions.'),
  gauge('broker.subscriptionBytes', 'broker_subscription_bytes', 'Bytes of those filters.'),
  gauge('broker.willBytes', 'broker_will_bytes', 'What the wills of clients take.'),
  gauge(
    'broker.waitingPublishes',
    'broker_waiting_publishes',
    "The gateway's own messages that wait to be taken.",
  ),
  gauge('broker.waitingPublishBytes', 'broker_waiting_publish_bytes', 'What those take.'),
  gauge('broker.retained', 'broker_retained_messages', 'Retained messages.'),
  gauge('broker.stored', 'broker_stored_messages', 'Retained messages, and those that wait for a session.'),
  gauge('broker.storedBytes', 'broker_stored_bytes', 'Payload bytes of those.'),
  counter('broker.sockets', 'broker_connections_opened_total', 'Connections that were opened.'),
  counter('broker.connects', 'broker_connects_total', 'MQTT connections that were asked for.'),
  counter('broker.packetsIn', 'broker_packets_received_total', 'MQTT packets of every type from clients.'),
  counter('broker.packetsOut', 'broker_packets_sent_total', 'MQTT packets of every type to clients.'),
  counter('broker.bytesIn', 'broker_received_bytes_total', 'Bytes of MQTT from clients.'),
  counter('broker.bytesOut', 'broker_sent_bytes_total', 'Bytes of MQTT to clients.'),
  counter('broker.publishesIn', 'broker_publishes_received_total', 'PUBLISH packets from clients.'),
  counter('broker.messagesOut', 'broker_publishes_sent_total', 'Messages to clients.'),
  counter('broker.publishBytesIn', 'broker_publish_received_bytes_total', 'Payload bytes from clients.'),
  counter('broker.publishBytesOut', 'broker_publish_sent_bytes_total', 'Payload bytes to clients.'),
  counter(
    'broker.messagesIn',
    'broker_messages_total',
    'Messages taken, those of the gateway itself included.',
  ),
  counter('broker.dropped', 'broker_publishes_denied_total', 'Publishes without the right: dropped.'),
  counter('broker.unacknowledged', 'broker_unacknowledged_total', 'Messages not taken and not acknowledged.'),
  counter(
    'broker.droppedQueued',
    'broker_queued_dropped_total',
    'Messages for absent clients that made room.',
  ),
  counter('broker.droppedRetained', 'broker_retained_dropped_total', 'Retained messages that did not fit.'),
  counter('broker.tooLarge', 'broker_too_large_total', 'Messages larger than their reader takes (MQTT 5).'),
  counter('broker.droppedHeld', 'broker_held_dropped_total', 'Messages beyond what a reader takes at once.'),
  counter('broker.expired', 'broker_expired_total', 'Messages that expired before their reader had them.'),
  counter('broker.refused', 'broker_connections_refused_total', 'Connections refused for their number.'),
  counter('broker.refusedLogins', 'broker_logins_refused_total', 'Connections without a right login.'),
  // The addresses are told on the health topic: as labels there would be no end of them.
  counter('logins.failed', 'logins_failed_total', 'Logins with a wrong user or password, by MQTT and HTTP.'),
  counter('logins.unheard', 'logins_unheard_total', 'Logins refused without a look: too many were waiting.'),
  gauge('web.bodyBytes', 'web_held_body_bytes', 'Bodies of web requests that are read or answered.'),
  counter('web.refusedBodies', 'web_refused_bodies_total', 'Web requests refused because too much was held.'),
  gauge('logins.failingAddresses', 'logins_failing_addresses', 'Addresses whose failures are remembered.'),
  counter('broker.breached', 'broker_connections_breached_total', 'Connections ended at a limit.'),
  counter('broker.evicted', 'broker_connections_evicted_total', 'Silent connections that made room.'),
  counter('broker.clientErrors', 'broker_client_errors_total', 'Errors of single clients.'),
  gauge(
    'broker.perMinute.{what}.{window}',
    'broker_load_per_minute',
    'Moving averages, as $SYS/broker/load.',
  ),
  gauge('broker.journal.bytes', 'broker_journal_bytes', "Size of the broker's journal."),
  gauge('broker.journal.entries', 'broker_journal_entries', "Entries in the broker's journal."),
  counter('broker.journal.rewrites', 'broker_journal_rewrites_total', 'Times it was written anew.'),
  counter(
    'broker.journal.dropped',
    'broker_journal_dropped_entries_total',
    'Entries that the disk did not take.',
  ),
  gauge('broker.journal.fault', 'broker_journal_fault', '1 while the journal cannot be written.', {
    isThere: true,
  }),
  gauge('broker.connected', 'outside_broker_connected', '1 while the outside broker is connected.'),
  gauge('broker.waiting', 'outside_broker_waiting_messages', 'Messages that wait for the outside broker.'),
  counter('broker.takeovers', 'outside_broker_takeovers_total', 'Times another gateway took the connection.'),
  counter(
    'broker.foreignSamples',
    'outside_broker_foreign_samples_total',
    "Another gateway's, not recorded.",
  ),
  counter(
    'broker.retained.repeats',
    'outside_broker_retained_repeats_total',
    'Everything retained said again.',
  ),
  gauge('broker.queues.{kind}.waiting', 'outside_broker_queued_messages', 'The same by what they are.'),
  counter(
    'broker.queues.{kind}.lost',
    'outside_broker_lost_messages_total',
    'Messages for the outside broker that did not fit.',
  ),
  gauge(
    'broker.largestPacket',
    'outside_broker_largest_packet_bytes',
    'The largest packet that it is known to take.',
  ),
] as const;

const PROCESS = [
  counter('publishing.{outcome}', 'published_messages_total', "The gateway's own messages, by outcome."),
  counter('log.lostLines', 'log_lost_lines_total', 'Lines that the log file did not take.'),
  counter('log.unprintedLines', 'log_unprinted_lines_total', 'Lines that standard output did not take.'),
  counter('log.unpublishedLines', 'log_unpublished_lines_total', 'Lines that were not published.'),
  counter(
    'log.leftOutLines',
    'log_left_out_lines_total',
    'Lines left out because there were too many alike.',
  ),
  gauge('parts.{part}.state', 'part_running', '1 while the part runs.', { is: 'running' }),
  counter('parts.{part}.restarts', 'part_restarts_total', 'Restarts of the part.'),
  gauge('memory.rssMb', 'memory_resident_bytes', 'Resident memory, by the megabyte.', BYTES_OF_MB),
  gauge('memory.heapUsedMb', 'memory_heap_used_bytes', 'Heap in use, by the megabyte.', BYTES_OF_MB),
  gauge(
    'eventLoopDelayMs.{stat}',
    'event_loop_delay_seconds',
    'How late the event loop was, since the report before.',
    SECONDS,
  ),
  gauge('ts', 'health_timestamp_seconds', 'When these numbers were taken.', SECONDS),
] as const;

export const METRICS: readonly Metric[] = [
  ...BUSES,
  ...DEVICES,
  ...ALARMS,
  ...RECORDING,
  ...BROKER,
  ...PROCESS,
];
