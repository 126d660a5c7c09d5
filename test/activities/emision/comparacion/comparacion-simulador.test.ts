import 'reflect-metadata';
import { AsnConvert } from '@peculiar/asn1-schema';
import { Name } from '@peculiar/asn1-x509';
import fc from 'fast-check';
import { cargarAnclas } from '../../../../shared/x509/ruta/anclas.ts';
import { compararEmision } from '../../../../activities/emision/comparacion/comparar-emision.ts';
import { compararSujeto } from '../../../../activities/emision/comparacion/comparar-sujeto.ts';
import { leerNombre } from '../../../../shared/x509/nombres/nombre-distinguido.ts';
import { PERFIL_POR_DEFECTO } from '../../../../activities/emision/comparacion/perfil-certificado.ts';
import { TIPOS_CERTIFICADO } from '../../../../shared/emision/solicitud.ts';
import { subjectName } from '../../../../simulator/pki/authority/subject-name.ts';
import { cleanUp, startSimulator, step1, step2 } from '../../../support/pki/running-simulator.ts';
import { solicitudDePrueba } from '../../../support/emision/solicitud-de-prueba.ts';

afterEach(cleanUp);

it.each(['EC', 'RSA'] as const)(
  'the comparison releases what the simulator issues with %s keys',
  async (keyType) => {
    const { url, chainPem } = await startSimulator({ keyType });
    const solicitud = solicitudDePrueba();
    const peticion = { numeroDocumento: '45678912', vigenciaAnios: 4, ciudadano: solicitud.ciudadano };
    const aceptadaEn = new Date().toISOString();

    const { data } = (await step1(url, peticion)).body;
    const { certificados } = (await step2(url, peticion, data)).body.data;
    const comparacion = compararEmision({
      entrada: { solicitud, aceptadaEn },
      numerosSolicitud: data.numerosSolicitud,
      recibidos: certificados,
      perfil: PERFIL_POR_DEFECTO,
      anclas: cargarAnclas(chainPem),
      ahora: new Date(),
    });

    expect(comparacion).toMatchObject({ conforme: true, certificados: [{}, {}, {}] });
  },
);

it('the comparison knows the subject of any citizen in the simulator’s writing', () => {
  const nombre = (maximo: number) =>
    fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: maximo })
      .filter((texto) => /\S/.test(texto) && !/[\p{Cc}\p{Cf}]/u.test(texto));
  const ciudadano = fc.record(
    {
      nombres: nombre(100),
      apellidoPaterno: nombre(50),
      apellidoMaterno: nombre(50),
      departamento: nombre(50),
      provincia: nombre(50),
      distrito: nombre(50),
    },
    { requiredKeys: ['nombres', 'apellidoPaterno', 'departamento', 'provincia', 'distrito'] },
  );

  fc.assert(
    fc.property(ciudadano, fc.constantFrom(...TIPOS_CERTIFICADO), (cambios, tipo) => {
      const base = solicitudDePrueba();
      const solicitud = { ...base, ciudadano: { fechaNacimiento: '1990-05-17', sexo: 'F', ...cambios } };

      const nombreEmitido = subjectName(tipo, '7', base.solicitud, solicitud.ciudadano);
      const sujeto = leerNombre(AsnConvert.parse(nombreEmitido.toArrayBuffer(), Name));

      expect(compararSujeto(sujeto, { solicitud, tipo, numeroSolicitud: '7' }, PERFIL_POR_DEFECTO)).toEqual(
        [],
      );
    }),
    { numRuns: 500 },
  );
});
