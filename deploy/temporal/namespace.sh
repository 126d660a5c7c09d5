#!/bin/sh
# Creates the namespace, and the search attributes that issuances are found by, where they are missing. Retention is for
# operators: the register outlives it.
set -eu

temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 168h

list() {
  temporal operator search-attribute list --namespace "$TEMPORAL_NAMESPACE"
}
# The server takes some seconds to know a namespace that it has just been told.
tries=0
until list >/dev/null 2>&1 || [ "$tries" -eq 30 ]; do
  tries=$((tries + 1))
  sleep 1
done
known=$(list)
create() {
  echo "$known" | grep -qE "^ *$1 +$2 *$" ||
    temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" --name "$1" --type "$2"
}
# An issuance begins with an Oficina, a bulk re-run with a Reejecucion, where Temporal knows them: so these come last.
create Incierto Bool
create TipoError Keyword
create Paso Int
create Generacion Int
create Canal Keyword
create Oficina Keyword
create Reejecucion Keyword
