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
  echo "$known" | grep -qw "$1" ||
    temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" --name "$1" --type "$2"
}
create Oficina Keyword
create Canal Keyword
create Generacion Int
create Reejecucion Keyword
create Paso Int
create TipoError Keyword
create Incierto Bool
