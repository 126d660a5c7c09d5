/**
 * Failures carry what the PKI said of a citizen: their messages and stack traces are sealed too. With them stands the
 * failure's type, which Temporal keeps in clear: one that this service did not seal, or whose type was changed, becomes
 * FALLO_AJENO. CommonJS, because Temporal's SDK requires it, in the worker, in the client and in the workflow bundle.
 */
const { ApplicationFailure, DefaultFailureConverter } = require('@temporalio/common');

/** As shared/runtime/temporal/codec.ts names it: sealed by a version that sealed no types. */
const METADATO_SIN_LUGAR = 'sealed-without-place';

class SealedFailureConverter extends DefaultFailureConverter {
  errorToFailure(error, payloadConverter, context) {
    const failure = super.errorToFailure(error, payloadConverter, context);
    const { message, stackTrace, applicationFailureInfo } = failure;
    // As the SDK's own encodeCommonAttributes has it, and the type beside them.
    const attributes = { message, stack_trace: stackTrace, type: applicationFailureInfo?.type ?? null };
    return {
      ...failure,
      message: 'Encoded failure',
      stackTrace: '',
      encodedAttributes: payloadConverter.toPayload(attributes, context),
    };
  }

  failureToError(failure, payloadConverter, context) {
    const error = super.failureToError(failure, payloadConverter, context);
    if (!failure.applicationFailureInfo || isSealed(failure, payloadConverter, context)) return error;
    // Without its `failure`: thrown on, that would be sealed as what it pretends to be.
    return ApplicationFailure.create({
      type: 'FALLO_AJENO',
      message: 'Temporal brought a failure that this service did not seal',
      nonRetryable: true,
    });
  }
}

function isSealed({ encodedAttributes, applicationFailureInfo }, payloadConverter, context) {
  if (!encodedAttributes) return false;
  if (encodedAttributes.metadata?.[METADATO_SIN_LUGAR]) return true;
  const attributes = payloadConverter.fromPayload(encodedAttributes, context);
  return (
    (attributes?.type ?? null) === (applicationFailureInfo.type ?? null) && attributes?.type !== undefined
  );
}

exports.failureConverter = new SealedFailureConverter();
