#!/bin/sh
# Builds the stand-in for mongod that the store's tests use: needs Java 17 and Maven, downloads about 6 MB once.
set -eu
cd "$(dirname "$0")"
mvn -q -B compile
