/**
 * The work of the two endpoints, each done once: by Idempotency-Key and, in step 2, by solicitudPkiId. A key names
 * the work, not the body, and repeats the answer of work that was done; a refusal is recorded nowhere.
 */
import { randomUUID } from 'node:crypto';
import type { X509Certificate } from '@peculiar/x509';
import type { Ciudadano, Step1Request, Step2Request } from './adapter-requests.ts';
import type { Behaviour, Paso } from '../faults/behaviour.ts';
import type { Authority } from '../authority/certificate-authority.ts';
import { Refusal } from './envelope.ts';
import { issueFaulty } from '../faults/faulty-certificate.ts';
import { isoSeconds } from './iso-seconds.ts';
import { issueCertificate, type CertificateRequest } from '../authority/issue-certificate.ts';
import { generatePersonKeys, type KeyType } from '../authority/key-algorithms.ts';
import type { PublicUrls } from '../authority/public-urls.ts';
import type { Store, StoredSolicitud } from './store.ts';
import type { Turns } from './turns.ts';

export interface StepsDeps {
  store: Store;
  turns: Turns;
  issuing: Authority;
  urls: PublicUrls;
  keyType: KeyType;
  /** False: an adapter that keeps neither promise and does the work at every call. */
  idempotent: boolean;
  clock: () => Date;
}

interface StepOutcome {
  data: unknown;
  isRepeated: boolean;
}

/** @param clave the call's Idempotency-Key; null where it has none */
export type Step<Peticion> = (
  peticion: Peticion,
  clave: string | null,
  behaviour: Behaviour,
) => Promise<StepOutcome>;

export interface Steps {
  generarNumerosSolicitud: Step<Step1Request>;
  generarCertificados: Step<Step2Request>;
}

const MAYORIA_DE_EDAD = 18;
const LIMA_OFFSET_MS = -5 * 3_600_000;

export function createSteps(deps: StepsDeps): Steps {
  const { store, turns, issuing, urls, keyType, idempotent, clock } = deps;

  /** Answers from the record of this key, else does the work; calls under one key pass one at a time. */
  async function once(
    paso: Paso,
    clave: string | null,
    { conflictsWhenBusy = false }: Behaviour,
    work: (clave: string | null) => Promise<StepOutcome>,
  ): Promise<StepOutcome> {
    if (!idempotent || clave === null) return work(null);
    const turn = `paso ${paso} clave ${clave}`;
    if (conflictsWhenBusy && turns.isBusy(turn)) throw new Refusal('TRABAJO_EN_CURSO');
    return turns.run(turn, async () => {
      const recorded = store.findAnswer(paso, clave);
      return recorded === undefined ? work(clave) : { data: recorded, isRepeated: true };
    });
  }

  /** The same, by what is to be issued: another key brings no second issuance. */
  async function oncePerSolicitud(
    solicitudPkiId: string,
    clave: string | null,
    work: () => Promise<StepOutcome>,
  ): Promise<StepOutcome> {
    if (!idempotent) return work();
    return turns.run(`solicitud ${solicitudPkiId}`, async () => {
      const recorded = store.findEmision(solicitudPkiId);
      if (recorded === undefined) return work();
      if (clave !== null) store.saveAnswer(2, clave, recorded);
      return { data: recorded, isRepeated: true };
    });
  }

  async function certify(
    peticion: Step2Request,
    numero: StoredSolicitud['numeros'][number],
    { certificateFault }: Behaviour,
  ) {
    const request: CertificateRequest = {
      tipo: numero.tipoCertificado,
      numeroSolicitud: numero.numeroSolicitud,
      publicKey: numero.publicKey,
      keyType: numero.keyType,
      solicitud: peticion.solicitud,
      ciudadano: peticion.ciudadano,
      vigenciaAnios: peticion.configuracionCertificados.vigenciaAnios,
    };
    const certificate =
      certificateFault === undefined
        ? await issueCertificate(issuing, urls, request, clock())
        : await issueFaulty(certificateFault, { issuing, urls, request, now: clock(), store });
    return { tipo: request.tipo, certificate };
  }

  return {
    generarNumerosSolicitud: (peticion, clave, behaviour) =>
      once(1, clave, behaviour, async (recordAs) => {
        refuseAs(behaviour);
        const claves = await Promise.all(
          peticion.tipoCertificados.map(async (tipo) => ({
            tipo,
            keyType,
            ...(await generatePersonKeys(keyType)),
          })),
        );
        const { codigoSolicitudTramite: codigo, tipoDocumento, numeroDocumento } = peticion.solicitud;
        const { vigenciaAnios } = peticion;
        const nueva = { codigo, tipoDocumento, numeroDocumento, vigenciaAnios, claves };
        return {
          data: store.saveSolicitud({ ...nueva, solicitudPkiId: randomUUID() }, recordAs),
          isRepeated: false,
        };
      }),

    generarCertificados: (peticion, clave, behaviour) =>
      once(2, clave, behaviour, (recordAs) =>
        oncePerSolicitud(peticion.solicitudPkiId, recordAs, async () => {
          refuseAs(behaviour);
          const stored = store.findSolicitud(peticion.solicitudPkiId);
          checkAgainstStep1(peticion, stored);
          checkAge(peticion.ciudadano, clock());
          const issued = await Promise.all(
            stored.numeros.map((numero) => certify(peticion, numero, behaviour)),
          );
          const certificados = issued.map(({ tipo, certificate }) => describeCertificate(tipo, certificate));
          const data = { certificados };
          store.saveEmision(
            {
              solicitudPkiId: peticion.solicitudPkiId,
              certificados: certificados.map(({ numeroSerie, tipoCertificado }) => ({
                numeroSerie,
                tipo: tipoCertificado,
              })),
              respuesta: data,
            },
            recordAs,
          );
          return { data, isRepeated: false };
        }),
      ),
  };
}

function refuseAs({ refusal }: Behaviour): void {
  if (refusal !== undefined) throw new Refusal(refusal);
}

/** Step 2 completes what step 1 began, for the same document, types and years; anything else is a mistake. */
function checkAgainstStep1(
  peticion: Step2Request,
  stored: StoredSolicitud | null,
): asserts stored is StoredSolicitud {
  if (stored === null) throw new Refusal('VALIDACION', ['solicitudPkiId: no existe']);
  const { solicitud, configuracionCertificados } = peticion;
  const faults: string[] = [];
  const compare = (field: string, given: unknown, expected: unknown) => {
    if (given !== expected) faults.push(`${field}: no corresponde al paso 1`);
  };
  compare('solicitud.codigoSolicitudTramite', solicitud.codigoSolicitudTramite, stored.codigo);
  compare('solicitud.tipoDocumento', solicitud.tipoDocumento, stored.tipoDocumento);
  compare('solicitud.numeroDocumento', solicitud.numeroDocumento, stored.numeroDocumento);
  const { tipoCertificados, vigenciaAnios } = configuracionCertificados;
  compare('configuracionCertificados.vigenciaAnios', vigenciaAnios, stored.vigenciaAnios);
  const storedTypes = stored.numeros.map(({ tipoCertificado }) => tipoCertificado);
  compare('configuracionCertificados.tipoCertificados', asSet(tipoCertificados), asSet(storedTypes));
  compare('numerosSolicitud', asSet(peticion.numerosSolicitud.map(pair)), asSet(stored.numeros.map(pair)));
  if (faults.length > 0) throw new Refusal('VALIDACION', faults);
}

function pair({ tipoCertificado, numeroSolicitud }: { tipoCertificado: string; numeroSolicitud: string }) {
  return `${tipoCertificado} ${numeroSolicitud}`;
}

function asSet(values: string[]): string {
  return values.toSorted().join();
}

/** Age on Peru's calendar day (UTC-5). ISO dates compare as text. */
function checkAge({ fechaNacimiento }: Ciudadano, now: Date): void {
  const today = new Date(now.getTime() + LIMA_OFFSET_MS).toISOString().slice(0, 10);
  const adultSince = `${Number(today.slice(0, 4)) - MAYORIA_DE_EDAD}${today.slice(4)}`;
  if (fechaNacimiento > adultSince) {
    throw new Refusal('CIUDADANO_NO_CUMPLE_REQUISITOS', ['El ciudadano es menor de edad']);
  }
}

function describeCertificate(tipoCertificado: CertificateRequest['tipo'], certificate: X509Certificate) {
  return {
    tipoCertificado,
    certificadoId: randomUUID(),
    numeroSerie: certificate.serialNumber.toUpperCase(),
    fechaEmision: isoSeconds(certificate.notBefore),
    fechaVencimiento: isoSeconds(certificate.notAfter),
    estadoCertificado: 'ACTIVO',
    certificadoBase64: Buffer.from(certificate.rawData).toString('base64'),
  };
}
