#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What `make run` does: installs what is missing, builds, and starts the server. The first
# time it also makes a data folder with a first user, two tokens and this very machine as
# the first device. Each thing is made only when it is not there yet, so a run that was
# interrupted is simply run again.
#
#   DATA=data LISTEN=127.0.0.1:8480 HEALTH=127.0.0.1:8481 EMAIL=admin@example.com
#   PROGRAM=build/tokenhouse (another one is not built)
set -eu
cd "$(dirname "$0")/.."
umask 077

DATA=${DATA:-data}
LISTEN=${LISTEN:-127.0.0.1:8480}
HEALTH=${HEALTH:-127.0.0.1:8481}
EMAIL=${EMAIL:-admin@example.com}
PROGRAM=${PROGRAM:-build/tokenhouse}
FIRST=$DATA/first
PENDING=$DATA.first-password
mkdir -p "$(dirname "$DATA")"
server=
[ "$LISTEN" = 127.0.0.1:8480 ] || server=" --server http://$LISTEN"

if [ "$PROGRAM" = build/tokenhouse ]; then
    tools/install.sh run
    [ -x $PROGRAM ] || echo "building, a minute or two the first time …"
    make --no-print-directory build
fi

# The password waits beside the folder until init has made it: init takes empty ones only.
make_data_folder() {
    if [ ! -s "$PENDING" ]; then
        openssl rand -base64 18 >"$PENDING"
    fi
    if ! $PROGRAM init --data "$DATA" --admin-email "$EMAIL" \
        --admin-password-file "$PENDING" >/dev/null; then
        # a run that was stopped after init, but before the next lines?
        $PROGRAM user list --data "$DATA" >/dev/null 2>&1 || exit 1
    fi
    mkdir -p "$FIRST"
    mv "$PENDING" "$DATA/admin-password.txt"
    echo "the first user is $EMAIL, the password $(cat "$DATA/admin-password.txt")"
    echo "(shown once; kept in $DATA/admin-password.txt)"
}

# A token whose secret stays in a .token file (HS256).
make_secret_token() {
    rm -f "$FIRST/hs256.token.new"
    $PROGRAM token create --data "$DATA" --user "$EMAIL" \
        --title "First steps, HS256" --out "$FIRST/hs256.token.new" >/dev/null
    mv "$FIRST/hs256.token.new" "$FIRST/hs256.token"
}

# A token for a key pair of our own (ES256): the server sees the public key only.
make_key_token() {
    rm -f "$FIRST"/*.pem
    $PROGRAM keygen --out-private "$FIRST/private.pem" \
        --out-public "$FIRST/public.pem" >/dev/null
    $PROGRAM token create --data "$DATA" --user "$EMAIL" --title "First steps, ES256" \
        --public-key "$FIRST/public.pem" --json >"$FIRST/es256.json"
    python3 -c 'import json, sys; print(json.load(sys.stdin)["id"])' \
        <"$FIRST/es256.json" >"$FIRST/es256.id.new"
    rm "$FIRST/es256.json"
    mv "$FIRST/es256.id.new" "$FIRST/es256.id"
}

import_this_machine() {
    $PROGRAM collect >"$FIRST/this-machine.json.new"
    $PROGRAM device import --data "$DATA" "$FIRST/this-machine.json.new"
    mv "$FIRST/this-machine.json.new" "$FIRST/this-machine.json"
}

if [ ! -e "$DATA/tokenhouse.db" ] || [ -e "$PENDING" ]; then
    make_data_folder
fi
if [ -d "$FIRST" ]; then
    [ -e "$FIRST/hs256.token" ] || make_secret_token
    [ -e "$FIRST/es256.id" ] || make_key_token
    [ -e "$FIRST/this-machine.json" ] || import_this_machine

    query='/v3/reporting/devices?select=deviceName,serialNumber,operatingSystem.name'
    echo
    echo "in another terminal, this machine by ES256, by HS256, and who is asking:"
    echo
    for how in "--token-id \$(cat $FIRST/es256.id) --private-key $FIRST/private.pem" \
        "--token $FIRST/hs256.token"; do
        echo "  $PROGRAM call GET '$query' $how$server"
    done
    echo "  $PROGRAM call GET /v3/whoami --token $FIRST/hs256.token$server"
    echo
fi
echo "the console: http://$LISTEN/console/"
exec $PROGRAM serve --data "$DATA" --listen "$LISTEN" --health "$HEALTH"
