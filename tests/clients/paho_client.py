# A client of paho-mqtt: paho_client.py <host> <port> <transport> <5 or 3.1.1> <topics> <command topic> <payload> <response topic>
# Says each message that it gets as a line of JSON; once it has a retained one it sends the command, with MQTT 5 asking for
# an answer on the response topic.
import json
import sys

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

host, port, transport, version, topics, command, payload, response = sys.argv[1:]
is_five = version == "5"


def on_connect(client, userdata, flags, reason_code, properties):
    if reason_code.is_failure:
        sys.exit(f"refused: {reason_code}")
    client.subscribe([(topic, 1) for topic in topics.split(",")])


def on_message(client, userdata, message):
    said = {"topic": message.topic, "payload": message.payload.decode(), "retain": int(message.retain)}
    print(json.dumps(said), flush=True)
    if not message.retain or userdata["sent"]:
        return
    userdata["sent"] = True
    properties = None
    if is_five:
        properties = Properties(PacketTypes.PUBLISH)
        properties.ResponseTopic = response
        properties.CorrelationData = b"paho"
    client.publish(command, payload, qos=1, properties=properties)


client = mqtt.Client(
    mqtt.CallbackAPIVersion.VERSION2,
    userdata={"sent": False},
    protocol=mqtt.MQTTv5 if is_five else mqtt.MQTTv311,
    transport=transport,
)
client.ws_set_options(path="/mqtt")
client.on_connect = on_connect
client.on_message = on_message
client.connect(host, int(port))
client.loop_forever()
