#!/bin/sh
# Run once, by the image of PostgreSQL, on an empty data folder. Samovar is no superuser: it owns its
# database and may make the roles its services have.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres --quiet <<'SQL'
\set samovar `cat /run/secrets/postgres_samovar_password`
\set metrics `cat /run/secrets/postgres_metrics_password`
CREATE ROLE samovar LOGIN CREATEROLE PASSWORD :'samovar';
CREATE ROLE metrics LOGIN PASSWORD :'metrics' IN ROLE pg_monitor;
CREATE DATABASE samovar OWNER samovar;
REVOKE ALL ON DATABASE samovar FROM PUBLIC;
GRANT CONNECT ON DATABASE samovar TO metrics;
-- From PostgreSQL 16 on, whoever makes a role may not act as it unless this is said.
SELECT current_setting('server_version_num')::int >= 160000 AS has_self_grant \gset
\if :has_self_grant
ALTER ROLE samovar SET createrole_self_grant = 'set, inherit';
\endif
SQL
