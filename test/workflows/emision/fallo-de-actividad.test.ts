/** How a run that began while the server itself closed the retry window reads that window's end. */
import { ActivityFailure, DefaultFailureConverter, defaultPayloadConverter } from '@temporalio/common';
import proto from '@temporalio/proto';
import { falloPorActividad } from '../../../workflows/emision/fallo-de-actividad.ts';
import { falloDeActividad } from '../../support/temporal/banco-de-emision.ts';

const { TimeoutType } = proto.temporal.api.enums.v1;
const converter = new DefaultFailureConverter({ encodeCommonAttributes: true });
const enClaro = new DefaultFailureConverter();

/** As the server tells it: the attempt timed out; an earlier one may have failed. */
function finDeLaVentana(anterior?: Error, como = converter): unknown {
  const timeout = converter.failureToError(
    {
      message: 'activity ScheduleToClose timeout',
      timeoutFailureInfo: { timeoutType: TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE },
      ...(anterior && { cause: como.errorToFailure(anterior, defaultPayloadConverter) }),
    },
    defaultPayloadConverter,
  );
  return new ActivityFailure('activity', 'generarNumerosSolicitud', '1', 'TIMEOUT', undefined, timeout);
}

it('the window’s end is told as the failure of the attempt before the one that it met', () => {
  expect(falloPorActividad(finDeLaVentana(falloDeActividad('PKI_NO_DISPONIBLE')), 1)).toEqual({
    tipo: 'PKI_NO_DISPONIBLE',
    paso: 1,
    detalles: ['detalle de PKI_NO_DISPONIBLE'],
  });
});

it.each([
  ['no attempt had failed', finDeLaVentana()],
  ['nobody of ours told how one had', finDeLaVentana(falloDeActividad('CIUDADANO_NO_ENCONTRADO'), enClaro)],
])('the window’s end is told as a PKI that did not answer where %s', (_nombre, fin) => {
  expect(falloPorActividad(fin, 1)).toEqual({
    tipo: 'TIEMPO_PKI_AGOTADO',
    paso: 1,
    detalles: ['Ningún intento terminó dentro de la ventana de reintentos.'],
  });
});
