#!/bin/sh
# Makes sure that the namespace and Firebreak's search attribute exist. Running it again changes nothing.
# Reads TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, as the `temporal` command line does by itself.
set -eu

: "${TEMPORAL_ADDRESS:?}" "${TEMPORAL_NAMESPACE:?}"

# Ninety days after an incident has ended. Retention applies to a new namespace only: one that is there already
# keeps its own, since shortening it would delete histories.
retention=2160h
attribute=IncidentPhase
attempts=30

# DESCRIPTION COMMAND…: tries until it succeeds. A fresh server answers before it can do everything, and a fresh
# namespace takes some seconds to be known everywhere.
eventually() {
  description=$1
  shift
  attempt=1
  until "$@"; do
    if [ "$attempt" -ge "$attempts" ]; then
      echo "Gave up after $attempts attempts: $description." >&2
      exit 1
    fi
    attempt=$((attempt + 1))
    sleep 2
  done
}

server_is_serving() {
  temporal operator cluster health >/dev/null
}

namespace_exists() {
  temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1
}

ensure_namespace() {
  namespace_exists ||
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$retention"
}

attribute_exists() {
  temporal operator search-attribute list --namespace "$TEMPORAL_NAMESPACE" 2>/dev/null |
    grep -Eq "^[[:space:]]*${attribute}[[:space:]]+Keyword[[:space:]]*$"
}

ensure_attribute() {
  attribute_exists || {
    temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" --name "$attribute" --type Keyword
    attribute_exists
  }
}

eventually 'the Temporal server does not serve' server_is_serving
eventually "the namespace $TEMPORAL_NAMESPACE could not be made" ensure_namespace
eventually "the search attribute $attribute could not be registered" ensure_attribute

echo "The namespace $TEMPORAL_NAMESPACE has the search attribute $attribute."
