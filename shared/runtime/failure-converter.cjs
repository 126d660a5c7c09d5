/**
 * Failures carry what the PKI said of a citizen: their messages and stack traces are encrypted too.
 * CommonJS, because Temporal's SDK requires it, in the worker, in the client and in the workflow bundle.
 */
const { DefaultFailureConverter } = require('@temporalio/common');

exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
