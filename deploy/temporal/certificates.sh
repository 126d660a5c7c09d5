#!/bin/sh
# Makes what closes Temporal by mutual TLS, where it is not there yet: `sh deploy/temporal/certificates.sh FOLDER HOST...` makes a CA of its own, a certificate of the server for these
# names or addresses, and one of a client for each of api, worker, codec and operador. Keys are for whoever runs it alone. A CA of the place's own does better: it renews, and revokes.
set -eu
umask 077

folder=$1
shift
days=825
mkdir -p "$folder"
cd "$folder"

key() {
  [ -f "$1.key" ] || openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"
}

if [ ! -f ca.crt ]; then
  key ca
  openssl req -x509 -new -key ca.key -days 3650 -subj '/CN=Temporal' -out ca.crt \
    -addext 'basicConstraints=critical,CA:TRUE,pathlen:0' -addext 'keyUsage=critical,keyCertSign,cRLSign'
fi

# NAME USE [SUBJECT ALTERNATIVE NAMES]
certificate() {
  [ ! -f "$1.crt" ] || return 0
  key "$1"
  {
    echo 'basicConstraints=critical,CA:FALSE'
    echo 'keyUsage=critical,digitalSignature'
    echo "extendedKeyUsage=$2"
    [ -z "${3:-}" ] || echo "subjectAltName=$3"
  } >"$1.ext"
  openssl req -new -key "$1.key" -subj "/CN=$1" |
    openssl x509 -req -CA ca.crt -CAkey ca.key -days "$days" -extfile "$1.ext" -out "$1.crt" 2>/dev/null
  rm "$1.ext"
}

names=
for host in "$@"; do
  case $host in
  *[!0-9.]*) names="$names,DNS:$host" ;;
  *) names="$names,IP:$host" ;;
  esac
done
# Between the server's own roles it is a client too.
certificate servidor serverAuth,clientAuth "${names#,}"
for client in api worker codec operador; do
  certificate "$client" clientAuth
done
