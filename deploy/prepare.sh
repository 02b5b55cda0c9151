#!/bin/sh
# Make what deploy/compose.yaml and compose.small.yaml need beside them and is not there yet: secrets, and
# the address to be probed. Never changes a secret that exists, so it can be run again after an upgrade.
#
#   cp deploy/.env.example deploy/.env      # and say what your domain is
#   deploy/prepare.sh
set -eu
umask 077
cd "$(dirname "$0")"
mkdir -p secrets

# Readable by all, in a folder that is not: the engine mounts a file as it is, and the programs in the
# containers are users of their own.
keep() {
	[ -e "secrets/$1" ] && return
	cat >"secrets/$1"
	chmod 0444 "secrets/$1"
	echo "made secrets/$1"
}
random() { od -An -N "${1:-24}" -tx1 /dev/urandom | tr -d ' \n'; }
value() { cat "secrets/$1"; }

random 32 | keep samovar_secret
random | keep postgres_password
random | keep postgres_samovar_password
random | keep postgres_metrics_password
printf 'postgresql://samovar:%s@postgres:5432/samovar' "$(value postgres_samovar_password)" | keep postgresql_url
random | keep redis_password
printf 'redis://:%s@redis:6379/0' "$(value redis_password)" | keep redis_url
random 10 | keep s3_access_key
random | keep s3_secret_key
printf '{"identities": [{"name": "samovar", "credentials": [{"accessKey": "%s", "secretKey": "%s"}], "actions": ["Admin", "Read", "List", "Tagging", "Write"]}]}\n' \
	"$(value s3_access_key)" "$(value s3_secret_key)" | keep s3_identities
random | keep clickhouse_password
# OpenSearch refuses a password without a capital, a digit and a sign.
printf 'Aa1-%s' "$(random)" | keep opensearch_password
random | keep grafana_password

# Empty means off. To change one: chmod u+w secrets/NAME, write it, start the container that reads it anew.
for name in telegram_token telegram_chat deadman_url sentry_dsn; do
	printf '' | keep "$name"
done

domain=$(sed -n 's/^SAMOVAR_DOMAIN=//p' .env 2>/dev/null | tail -n 1)
umask 022
case "${domain:-localhost}" in
localhost | *.localhost) rm -f prometheus/targets/site.yaml ;; # nothing that a probe from outside could see
*) printf -- '- targets: ["https://%s/"]\n' "$domain" >prometheus/targets/site.yaml ;;
esac
[ -s secrets/telegram_token ] || echo "alerts go nowhere yet: put a bot's token into secrets/telegram_token and the chat's number into secrets/telegram_chat"
[ -s secrets/deadman_url ] || echo "nobody notices when the watch itself is down yet: put the address to be called each minute into secrets/deadman_url"
