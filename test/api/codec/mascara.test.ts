/** Nobody who may not see personal data is shown any, whatever Temporal keeps of an issuance. */
import fc from 'fast-check';
import { enmascarar, OCULTO, type Visible } from '../../../api/codec/mascara.ts';
import { CAMPOS_VISIBLES, TEXTOS_VISIBLES } from '../../../shared/emision/campos-visibles.ts';
import { FALLOS } from '../../../shared/emision/fallos.ts';
import { memoDe } from '../../../shared/emision/memo.ts';
import { entradaDePrueba } from '../../support/emision/entrada-de-prueba.ts';
import { RESULTADO } from '../../support/emision/fake-actividades.ts';

const VISIBLE: Visible = { campos: new Set(CAMPOS_VISIBLES), textos: new Set(TEXTOS_VISIBLES) };

/** Every text within, wherever it stands. */
function textosDe(valor: unknown): string[] {
  if (typeof valor === 'string') return [valor];
  return typeof valor === 'object' && valor !== null ? Object.values(valor).flatMap(textosDe) : [];
}

const ENTRADA = {
  ...entradaDePrueba(),
  reejecucion: { reejecucionId: null, motivo: 'María Elena vuelve', solicitadaPor: 'ana.perez' },
};
const { solicitud, contexto } = ENTRADA;
const PERSONALES = [
  solicitud.solicitud.numeroDocumento,
  ...textosDe(solicitud.ciudadano),
  solicitud.metadatos.usuarioRegistrador,
  contexto.usuarioEjecutor,
  contexto.ipCliente,
  ...textosDe({ a: ENTRADA.reejecucion.motivo, b: ENTRADA.reejecucion.solicitadaPor }),
]
  // One letter stands in any text.
  .filter(({ length }) => length > 1);

const CON_CERTIFICADO = {
  ...RESULTADO,
  certificados: [
    {
      tipoCertificado: 'FIRMA_DIGITAL',
      subjectDN: `CN=${solicitud.ciudadano.nombres}`,
      certificadoBase64: 'MIIC',
    },
  ],
};

it.each([
  ['the input', ENTRADA],
  ['the memo', memoDe(ENTRADA)],
  ['the result', CON_CERTIFICADO],
  [
    'a failure',
    { tipo: 'PKI_ERROR', paso: 1, detalles: [`El DNI de ${solicitud.ciudadano.nombres} venció`] },
  ],
  [
    'a failure as Temporal keeps it',
    { message: `No: ${solicitud.ciudadano.nombres}`, stack_trace: 'at x', type: 'X' },
  ],
])('%s shows nothing of a person', (_que, valor) => {
  const textos = textosDe(enmascarar(valor, VISIBLE));

  expect(textos).toContain(OCULTO);
  for (const personal of PERSONALES) expect(textos.filter((texto) => texto.includes(personal))).toEqual([]);
});

it('the work is shown: whose, from where, what, and how it went', () => {
  expect(enmascarar(ENTRADA, VISIBLE)).toMatchObject({
    solicitud: {
      solicitud: { codigoSolicitudTramite: 'SOL-1', tipoDocumento: 'DNI', numeroDocumento: OCULTO },
      configuracionCertificados: solicitud.configuracionCertificados,
    },
    contexto: { oficinaEjecucion: 'LIMA-CENTRO', correlationId: contexto.correlationId },
    generacion: 1,
    reejecucion: { motivo: OCULTO },
  });
  const { titulo } = FALLOS.PKI_ERROR;
  expect(enmascarar({ message: titulo, type: 'PKI_ERROR', estado: 'FALLIDO' }, VISIBLE)).toEqual({
    message: titulo,
    type: 'PKI_ERROR',
    estado: 'FALLIDO',
  });
});

it('the same value comes back, with no text but those that are visible', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (valor) => {
      const visto = enmascarar(valor, VISIBLE);
      const permitidos = new Set([OCULTO, '', ...TEXTOS_VISIBLES]);
      const forma = (uno: unknown): unknown =>
        typeof uno === 'string'
          ? 'texto'
          : Array.isArray(uno)
            ? uno.map(forma)
            : typeof uno === 'object' && uno !== null
              ? Object.entries(uno).map(([nombre, miembro]) => [nombre, forma(miembro)])
              : uno;
      expect(forma(visto)).toEqual(forma(valor));
      // No name that fast-check makes is one of ours.
      expect(textosDe(visto).filter((texto) => !permitidos.has(texto))).toEqual([]);
    }),
  );
});
