/** A run's history as a file: the members of Temporal's History, with bytes in Base64. */
import proto from '@temporalio/proto';

const { History } = proto.temporal.api.history.v1;

export type Historia = proto.temporal.api.history.v1.IHistory;
export type Json = string | number | boolean | null | Json[] | { [nombre: string]: Json };

// The SDK's own historyToJSON fails where npm installs more than one copy of protobufjs.
export function aJson(historia: Historia): Json {
  return History.toObject(History.fromObject(historia), {
    bytes: String,
    enums: String,
    longs: String,
  });
}

export function deJson(texto: string): Historia {
  return History.fromObject(JSON.parse(texto) as Record<string, unknown>);
}
