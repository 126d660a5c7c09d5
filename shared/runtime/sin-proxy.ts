/**
 * Temporal is asked directly, never through a proxy for HTTP: the worker's native connection knows none, and gRPC's own
 * client would send even a call to this machine through `http_proxy`.
 */
export const SIN_PROXY = { 'grpc.enable_http_proxy': 0 } as const;
