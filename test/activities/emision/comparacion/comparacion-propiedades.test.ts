import fc from 'fast-check';
import { cargarAnclas } from '../../../../shared/x509/ruta/anclas.ts';
import {
  compararEmision,
  type EmisionPorComparar,
} from '../../../../activities/emision/comparacion/comparar-emision.ts';
import type { CertificadoRecibido } from '../../../../shared/emision/contrato.ts';
import { PERFIL_POR_DEFECTO } from '../../../../activities/emision/comparacion/perfil-certificado.ts';
import type { SolicitudCertificado } from '../../../../shared/emision/solicitud.ts';
import { crearCaDePrueba, describir, planConforme } from '../../../support/pki/ca-de-prueba.ts';
import { solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';

const AHORA = new Date('2026-11-22T10:00:00Z');

const SOLICITUD: SolicitudCertificado = {
  ...solicitudDePrueba(),
  configuracionCertificados: { tipoCertificados: ['FIRMA_DIGITAL'], vigenciaAnios: 1 },
};

let conforme: EmisionPorComparar;
let recibido: CertificadoRecibido;
let der: Buffer;

beforeAll(async () => {
  const ca = await crearCaDePrueba();
  recibido = describir(
    'FIRMA_DIGITAL',
    await ca.emitir(await planConforme(SOLICITUD, 'FIRMA_DIGITAL', '1', AHORA)),
  );
  der = Buffer.from(recibido.certificadoBase64, 'base64');
  conforme = {
    entrada: { solicitud: SOLICITUD, aceptadaEn: AHORA.toISOString() },
    numerosSolicitud: [{ tipoCertificado: 'FIRMA_DIGITAL', numeroSolicitud: '1' }],
    recibidos: [recibido],
    perfil: PERFIL_POR_DEFECTO,
    anclas: cargarAnclas(ca.anclasPem),
    ahora: AHORA,
  };
});

function conBytes(bytes: Uint8Array): EmisionPorComparar {
  const certificadoBase64 = Buffer.from(bytes).toString('base64');
  return { ...conforme, recibidos: [{ ...recibido, certificadoBase64 }] };
}

it('the comparison releases the certificate that the other properties spoil', () => {
  expect(compararEmision(conforme).conforme).toBe(true);
});

it('the comparison does not release a certificate with a bit flipped, whichever', () => {
  fc.assert(
    fc.property(fc.nat({ max: der.length * 8 - 1 }), (bit) => {
      const alterado = Buffer.from(der);
      alterado[bit >> 3] = (alterado[bit >> 3] ?? 0) ^ (1 << (bit & 7));

      expect(compararEmision(conBytes(alterado)).conforme).toBe(false);
    }),
    { numRuns: 500 },
  );
});

it('the comparison does not release a certificate with bytes cut out, put in or replaced', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: der.length - 1 }),
      fc.nat({ max: 20 }),
      fc.uint8Array({ maxLength: 20 }),
      (en, quita, pone) => {
        const cambiado = Buffer.concat([der.subarray(0, en), pone, der.subarray(en + quita)]);
        fc.pre(!cambiado.equals(der));

        expect(compararEmision(conBytes(cambiado)).conforme).toBe(false);
      },
    ),
    { numRuns: 300 },
  );
});

it('the comparison answers on any bytes, and releases none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
      expect(compararEmision(conBytes(bytes)).conforme).toBe(false);
    }),
    { numRuns: 300 },
  );
});

it('the comparison answers on any words of the adapter, one line a fault, and releases nothing but the certificate', () => {
  const palabras = fc.string({ unit: 'binary', maxLength: 300 });
  const cualquiera = fc.record({
    tipoCertificado: fc.oneof(palabras, fc.constant('FIRMA_DIGITAL')),
    certificadoId: palabras,
    numeroSerie: palabras,
    fechaEmision: palabras,
    fechaVencimiento: palabras,
    estadoCertificado: palabras,
    certificadoBase64: fc.oneof(palabras, fc.constant(recibido.certificadoBase64)),
  });

  fc.assert(
    fc.property(fc.array(cualquiera, { maxLength: 4 }), (recibidos) => {
      const comparacion = compararEmision({ ...conforme, recibidos });

      if (comparacion.conforme) {
        expect(comparacion.certificados).toMatchObject([{ certificadoBase64: recibido.certificadoBase64 }]);
        return;
      }
      expect(comparacion.faltas.join('')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
      expect(comparacion.leidos).toHaveLength(recibidos.length);
    }),
    { numRuns: 300 },
  );
});
