#!/bin/sh
# What the official image's entrypoint does, as far as docker-compose.yml asks for it: the stand-in for postgres:18.
set -eu
export PGDATA="${PGDATA:-/var/lib/postgresql/18/docker}"
user="${POSTGRES_USER:-postgres}"

if [ "${1:-}" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
    mkdir -p "$PGDATA"
    chmod 700 "$PGDATA"
    printf '%s\n' "$POSTGRES_PASSWORD" > /tmp/password
    # The options are words, as the official image takes them.
    # shellcheck disable=SC2086
    initdb --username="$user" --pwfile=/tmp/password ${POSTGRES_INITDB_ARGS:-}
    rm /tmp/password
    printf '\nhost all all all scram-sha-256\n' >> "$PGDATA/pg_hba.conf"
    printf "listen_addresses = '*'\n" >> "$PGDATA/postgresql.conf"
    # As there: a server on its socket alone makes the database.
    pg_ctl --wait --options="-c listen_addresses=" start
    createdb --username="$user" "${POSTGRES_DB:-$user}" || true
    pg_ctl --wait --mode=fast stop
fi
exec "$@"
