"""Un cliente como el de SIIRC: envía una solicitud y la sigue hasta su fin, pase lo que pase por el camino.

Lo que decide cada desenlace: docs/status-codes.md. El paquete `coreog` lo genera el documento de la API:

    pip install openapi-python-client==0.29.1
    openapi-python-client generate --url http://127.0.0.1:8080/openapi.json --meta none --output-path coreog
    API=http://127.0.0.1:8080 TOKEN=… python emitir.py solicitud.json
"""

import json
import os
import sys
import time
import uuid
from typing import Callable

import httpx

from coreog import AuthenticatedClient
from coreog.api.emision import consultar_solicitud, obtener_certificado_digital
from coreog.models import Emision, Estado, RespuestaEmision, SolicitudCertificado, TipoError
from coreog.types import Response

# Más que la espera de un POST (25 s).
RESPUESTA_MAXIMA_S = float(os.environ.get("RESPUESTA_MAXIMA_S", "40"))
SIN_RESPUESTA_ESPERA_S = 5
# Después, otro proceso sigue con un GET: la emisión no depende de que este cliente espere.
PACIENCIA_S = 10 * 60

# Lo que no se envió mal, sino en mal momento.
EN_OTRO_MOMENTO = {TipoError.LIMITE_EXCEDIDO, TipoError.SERVICIO_NO_DISPONIBLE, TipoError.CIUDADANO_EN_PROCESO}

api = AuthenticatedClient(
    base_url=os.environ.get("API", "http://127.0.0.1:8080"),
    token=os.environ["TOKEN"],
    timeout=httpx.Timeout(RESPUESTA_MAXIMA_S),
)


def transaccion_de(sobre: RespuestaEmision | None):
    return sobre.data.transaccion if sobre and isinstance(sobre.data, Emision) else None


def emitir(solicitud: SolicitudCertificado) -> RespuestaEmision:
    limite = time.monotonic() + PACIENCIA_S
    codigo = solicitud.solicitud.codigo_solicitud_tramite
    # De la petición, no del envío: al repetirla son los mismos, y nunca se emite dos veces.
    correlacion, peticion = str(uuid.uuid4()), str(uuid.uuid4())

    def enviar() -> Response:
        return obtener_certificado_digital.sync_detailed(
            client=api,
            body=solicitud,
            x_correlation_id=correlacion,
            x_request_id=peticion,
            x_office_code="LIMA-CENTRO",
            x_device_id="KIOSCO-07",
            x_channel="VENTANILLA",
        )

    def consultar() -> Response:
        return consultar_solicitud.sync_detailed(codigo, client=api)

    preguntar: Callable[[], Response] = enviar
    while True:
        sobre, espera = None, None
        try:
            respuesta = preguntar()
            sobre, espera = respuesta.parsed, respuesta.headers.get("Retry-After")
        except httpx.TransportError:
            pass  # Sin respuesta no se sabe si llegó.
        transaccion = transaccion_de(sobre)
        tipo = sobre.error.tipo if sobre and sobre.error else None
        if transaccion and transaccion.estado in (Estado.COMPLETADO, Estado.FALLIDO):
            return sobre
        if transaccion or sobre is None:
            preguntar = consultar
        elif tipo == TipoError.SOLICITUD_NO_ENCONTRADA:
            preguntar = enviar  # No llegó, o no llegó a empezar: se envía como era.
        elif not (tipo in EN_OTRO_MOMENTO and espera):
            return sobre
        if time.monotonic() > limite:
            raise TimeoutError(f"{codigo}: sigue sin terminar")
        pausa = float(espera or SIN_RESPUESTA_ESPERA_S)
        estado = transaccion.estado if transaccion else None
        print(f"{tipo or estado or 'Sin respuesta'}: de nuevo en {pausa:g} s", file=sys.stderr)
        time.sleep(pausa)


def main() -> int:
    with open(sys.argv[1] if len(sys.argv) > 1 else "solicitud.json", encoding="utf-8") as archivo:
        sobre = emitir(SolicitudCertificado.from_dict(json.load(archivo)))
    transaccion = transaccion_de(sobre)
    if transaccion and transaccion.estado == Estado.COMPLETADO:
        for certificado in sobre.data.certificados:
            print(certificado.tipo_certificado, certificado.numero_serie)
        return 0
    print(sobre.error.tipo, " ".join(uno.detalle_error for uno in sobre.error.errores), file=sys.stderr)
    if transaccion and transaccion.resultado_incierto:
        print("No se sabe si la PKI emitió: avise a soporte.", file=sys.stderr)
    elif sobre.error.tipo == TipoError.CERTIFICADO_NO_CONFORME:
        print("Avise a soporte. Resuelta la causa, envíe de nuevo.", file=sys.stderr)
    elif transaccion and transaccion.admite_reenvio:
        print("Resuelta la causa, envíe de nuevo con el mismo código.", file=sys.stderr)
    return 1


sys.exit(main())
