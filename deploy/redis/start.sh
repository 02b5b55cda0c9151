#!/bin/sh
# Redis with a password that is in no command line. It holds only what can be made anew: when memory is
# full the least used goes, and nothing is written to disk.
set -eu
umask 077
cat >/tmp/redis.conf <<CONF
requirepass $(cat /run/secrets/redis_password)
maxmemory 256mb
maxmemory-policy allkeys-lru
save ""
appendonly no
CONF
exec redis-server /tmp/redis.conf
