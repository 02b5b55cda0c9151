#!/bin/sh
# Start a program that takes its secrets from the environment only, while we keep them in files:
#
#   with-secrets.sh PASSWORD=/run/secrets/password [NAME=FILE ...] -- program argument ...
#
# They are then in the environment of that program alone, not in `docker inspect`.
set -eu
while [ "$1" != -- ]; do
	value=$(cat "${1#*=}")
	export "${1%%=*}=$value"
	shift
done
shift
exec "$@"
