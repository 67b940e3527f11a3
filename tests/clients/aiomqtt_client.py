# A client of aiomqtt, which does what paho_client.py does, and has its arguments.
import asyncio
import json
import sys

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

host, port, transport, version, topics, command, payload, response = sys.argv[1:]
is_five = version == "5"


async def main():
    protocol = aiomqtt.ProtocolVersion.V5 if is_five else aiomqtt.ProtocolVersion.V311
    sent = False
    async with aiomqtt.Client(
        host, int(port), protocol=protocol, transport=transport, websocket_path="/mqtt"
    ) as client:
        for topic in topics.split(","):
            await client.subscribe(topic, qos=1)
        async for message in client.messages:
            said = {"topic": str(message.topic), "payload": message.payload.decode(), "retain": int(message.retain)}
            print(json.dumps(said), flush=True)
            if message.retain and not sent:
                sent = True
                properties = None
                if is_five:
                    properties = Properties(PacketTypes.PUBLISH)
                    properties.ResponseTopic = response
                    properties.CorrelationData = b"aiomqtt"
                await client.publish(command, payload, qos=1, properties=properties)


asyncio.run(main())
