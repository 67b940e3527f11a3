# Prints what must be installed beside Home Assistant for its own integrations that a start loads anyhow, and for MQTT, as
# they name it themselves: it would fetch that at its first start, which a test doesn't let it do.
import json
import pathlib

import homeassistant
from homeassistant import bootstrap

components = pathlib.Path(homeassistant.__file__).parent / "components"
# MQTT's form of a new entry imports the supervisor's client as well (after_dependencies).
waiting = {"mqtt", "hassio", *bootstrap.CORE_INTEGRATIONS, *bootstrap.CRITICAL_INTEGRATIONS, *bootstrap.DEFAULT_INTEGRATIONS}
seen = set()
requirements = set()
while waiting:
    integration = waiting.pop()
    seen.add(integration)
    manifest = json.loads((components / integration / "manifest.json").read_text())
    requirements.update(manifest.get("requirements", []))
    waiting.update(set(manifest.get("dependencies", [])) - seen)
# Of voice assistants, which no test asks for; they would need a C++ compiler.
unwanted = ("pymicro-vad", "pyspeex-noise")
print("\n".join(sorted(name for name in requirements if not name.startswith(unwanted))))
