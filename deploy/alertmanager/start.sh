#!/bin/sh
# Make Alertmanager's configuration from the template and the secrets, and start it.
#
#   start.sh            as in compose.yaml
#   start.sh --print    only show the configuration
set -eu
umask 077
here=$(dirname "$0")
secrets=${SECRETS:-/run/secrets}

# The secret, as the right side of sed takes it literally.
secret() { sed -e 's/[&|\\]/\\&/g' "$secrets/$1" | tr -d '\r\n'; }
token=$(secret telegram_token)
chat=$(secret telegram_chat)
deadman=$(secret deadman_url)

# A range that is never found takes nothing out.
no_telegram='/# never/,/# never/d'
no_deadman=$no_telegram
if [ -z "$token" ] || [ -z "$chat" ]; then
	echo "alertmanager: no Telegram token or chat: alerts are shown in Grafana and told to nobody" >&2
	no_telegram='/# if telegram/,/# end/d'
fi
if [ -z "$deadman" ]; then
	echo "alertmanager: no address for the dead man's switch: nobody notices when the watch stops" >&2
	no_deadman='/# if deadman/,/# end/d'
fi

render() {
	sed -e "$no_telegram" -e "$no_deadman" \
		-e "s|@TELEGRAM_TOKEN@|$token|" -e "s|@TELEGRAM_CHAT@|$chat|" -e "s|@DEADMAN_URL@|$deadman|" \
		"$here/alertmanager.template.yaml"
}

if [ "${1:-}" = --print ]; then
	render
	exit
fi
render >/tmp/alertmanager.yaml
cp "$here/telegram.tmpl" /tmp/
exec /bin/alertmanager --config.file=/tmp/alertmanager.yaml --storage.path=/alertmanager --cluster.listen-address=
