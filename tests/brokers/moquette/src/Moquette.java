import io.moquette.broker.Server;
import io.moquette.broker.config.MemoryConfig;
import java.util.Properties;

/** Moquette, embedded, with its H2 file: port and folder. */
public final class Moquette {
  public static void main(String[] args) throws Exception {
    var properties = new Properties();
    properties.setProperty("host", "127.0.0.1");
    properties.setProperty("port", args[0]);
    properties.setProperty("allow_anonymous", "true");
    properties.setProperty("persistence_enabled", "true");
    properties.setProperty("data_path", args[1]);
    properties.setProperty("telemetry_enabled", "false");
    new Server().startServer(new MemoryConfig(properties));
  }
}
