#!/bin/sh
# Creates Temporal's two databases and brings their schemas to this image's version. Running it again changes
# nothing; running it from a newer image upgrades. Reads SQL_PLUGIN, SQL_HOST, SQL_PORT, SQL_USER, SQL_PASSWORD:
# temporal-sql-tool takes them from the environment, so the password is on no command line.
set -eu

: "${SQL_PLUGIN:?}" "${SQL_HOST:?}" "${SQL_PORT:?}" "${SQL_USER:?}" "${SQL_PASSWORD:?}"

# DATABASE SCHEMA: the schema is the one embedded in the tool, so it can't differ from the tool's version.
prepare() {
  temporal-sql-tool --database "$1" create-database
  # Version 0.0 makes the tables that hold the version; a database that is further on is left as it is.
  temporal-sql-tool --database "$1" setup-schema --version 0.0
  temporal-sql-tool --database "$1" update-schema --schema-name "$2"
}

prepare temporal postgresql/v12/temporal
prepare temporal_visibility postgresql/v12/visibility

echo 'Both databases are ready.'
