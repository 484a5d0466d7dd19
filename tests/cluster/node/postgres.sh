#!/bin/sh
# The part of the official image's contract that charts/viva relies on: a first start makes the user and its database in
# PGDATA, with the password in POSTGRES_PASSWORD_FILE, wanted from everywhere.
set -eu
umask 077
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  mkdir -p "$PGDATA"
  initdb --pgdata "$PGDATA" --username "$POSTGRES_USER" --pwfile "$POSTGRES_PASSWORD_FILE" --auth scram-sha-256 --encoding UTF8
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  postgres --single -D "$PGDATA" postgres >/dev/null <<END
CREATE DATABASE "$POSTGRES_DB"
END
fi
exec postgres -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/var/run/postgresql
