// A server of MongoDB's protocol for tests where no mongod is: prints its port, ends in order when its input ends.
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import java.util.List;

public final class MongoJavaServer {
  /** The versions it ships report wire version 8 or none the driver takes; it can do what the tests need of 4.4. */
  private static final class Version44 implements MongoVersion {
    @Override
    public List<Integer> getVersionArray() {
      return List.of(4, 4, 0);
    }

    @Override
    public int getWireVersion() {
      return 9;
    }
  }

  /** Arguments: port (0 = any), and a file to keep the data in (none = in memory). */
  public static void main(String[] arguments) throws Exception {
    H2Backend backend = arguments.length > 1 ? new H2Backend(arguments[1]) : H2Backend.inMemory();
    backend.version(new Version44());
    MongoServer server = new MongoServer(backend);
    server.bind("127.0.0.1", arguments.length > 0 ? Integer.parseInt(arguments[0]) : 0);
    System.out.println(server.getLocalAddress().getPort());
    while (System.in.read() >= 0) {}
    server.shutdownNow();
  }
}
