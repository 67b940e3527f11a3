#!/usr/bin/env bash
# mongo-java-server 1.47.0: the answer to an insert counts the documents that were refused, and those never tried.
#
# Guess:   `n` is how many documents were inserted, as MongoDB's `insert` command says it: what tests against this server
#          show of counting holds in production.
# Happens: `n` is how many were sent. Of three documents with one duplicate, an unordered insert stores two and an ordered
#          one stores one; both answer 3, beside the right list of write errors.
#
# Needs Java 17 and Maven.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for program in java mvn; do command -v "$program" >/dev/null || { echo "$program is needed" >&2; exit 2; }; done

cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>findings</groupId>
  <artifactId>inserted</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>de.bwaldvogel</groupId>
      <artifactId>mongo-java-server</artifactId>
      <version>1.47.0</version>
    </dependency>
    <dependency>
      <groupId>org.mongodb</groupId>
      <artifactId>mongodb-driver-sync</artifactId>
      <version>5.5.1</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-nop</artifactId>
      <version>2.0.17</version>
    </dependency>
  </dependencies>
</project>
XML
mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory=lib >mvn.log 2>&1 ||
  { cat mvn.log >&2; exit 2; }

cat >Show.java <<'JAVA'
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.util.List;
import org.bson.Document;

public final class Show {
  private static String inserting(MongoDatabase database, boolean ordered) {
    database.getCollection("samples").drop();
    var documents = List.of(new Document("_id", 1), new Document("_id", 1), new Document("_id", 2));
    var insert = new Document("insert", "samples").append("documents", documents).append("ordered", ordered);
    var answer = database.runCommand(insert);
    return "n %s, write errors %d, stored %d".formatted(
        answer.get("n"),
        answer.getList("writeErrors", Document.class).size(),
        database.getCollection("samples").countDocuments());
  }

  public static void main(String[] arguments) {
    MongoServer server = new MongoServer(new MemoryBackend());
    try (var client = MongoClients.create(server.bindAndGetConnectionString())) {
      var database = client.getDatabase("any");
      System.out.println("unordered: " + inserting(database, false));
      System.out.println("ordered: " + inserting(database, true));
    } finally {
      server.shutdownNow();
    }
  }
}
JAVA
seen=$(java -cp 'lib/*' Show.java)
printf 'mongo-java-server 1.47.0, three documents, one a duplicate:\n%s\n' "$seen"
expected='unordered: n 3, write errors 1, stored 2
ordered: n 3, write errors 1, stored 1'
[ "$seen" = "$expected" ] || { echo 'changed' >&2; exit 1; }
