/** What a protected route must refuse as a token, whichever the route: what comes in Authorization, and what is told of it. */
import type { EmisorDePrueba, Reclamos } from './emisor-de-prueba.ts';

type Falta = [
  caso: string,
  authorization: (emisor: EmisorDePrueba) => Promise<string | undefined>,
  falta: string,
];

const AHORA_S = Math.floor(Date.now() / 1000);

const DE_RECLAMOS: [caso: string, reclamos: Reclamos, falta: string][] = [
  ['expired', { exp: AHORA_S - 60 }, 'el token venció'],
  ['not valid yet', { nbf: AHORA_S + 60 }, 'el token todavía no es válido'],
  ['without exp', { exp: undefined }, 'el token no trae exp'],
  [
    'with an exp that is no number',
    { exp: 'mañana' as unknown as number },
    'el token trae un exp que no es válido',
  ],
  ['of another issuer', { iss: 'http://otro.example.com' }, 'el token es de otro emisor'],
  ['without issuer', { iss: undefined }, 'el token no trae iss'],
  ['for another audience', { aud: 'OtroServicio' }, 'el token es para otra audiencia'],
  ['without audience', { aud: undefined }, 'el token no trae aud'],
  ['without subject', { sub: undefined }, 'el token no trae sub'],
  ['with a blank subject', { sub: ' ' }, 'el token no trae sub'],
];

const SIN_FORMA: [authorization: string | undefined, falta: string][] = [
  [undefined, 'es obligatoria'],
  ['', 'debe ser «Bearer» y un token'],
  ['Basic dXN1YXJpbzpjbGF2ZQ==', 'debe ser «Bearer» y un token'],
  ['Bearer', 'debe ser «Bearer» y un token'],
  ['Bearer uno dos', 'debe ser «Bearer» y un token'],
  ['Bearer no-es-un-jwt-de-nadie', 'no es un JWT válido'],
  ['Bearer a.b.c', 'no es un JWT válido'],
];

const OTRO_ALGORITMO = 'el algoritmo de firma del token no se admite';

export const TOKENS_QUE_NO_VALEN: readonly Falta[] = [
  ...DE_RECLAMOS.map(([caso, reclamos, falta]): Falta => [
    caso,
    async (emisor) => `Bearer ${await emisor.token({ exp: AHORA_S + 300, ...reclamos })}`,
    falta,
  ]),
  ...SIN_FORMA.map(([authorization, falta]): Falta => [
    `that is ${JSON.stringify(authorization)}`,
    () => Promise.resolve(authorization),
    falta,
  ]),
  [
    'of alg none',
    async (emisor) => {
      const [, carga = ''] = (await emisor.token()).split('.');
      return `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.${carga}.`;
    },
    OTRO_ALGORITMO,
  ],
  [
    'unsigned',
    async (emisor) => `Bearer ${(await emisor.token()).replace(/[^.]+$/, '')}`,
    'la firma del token no es válida',
  ],
  [
    'of an algorithm that is not ours, though the issuer signs by it',
    async (emisor) => `Bearer ${await emisor.token({}, 'RS384')}`,
    OTRO_ALGORITMO,
  ],
  [
    'signed by a key of somebody else that has the name of the issuer’s',
    async (emisor) => `Bearer ${await emisor.tokenDeOtraClave('RS256')}`,
    'la firma del token no es válida',
  ],
  [
    'signed by a key of somebody else',
    async (emisor) => `Bearer ${await emisor.tokenDeOtraClave('ajena')}`,
    'el token no está firmado con una clave del emisor',
  ],
  [
    'that was changed after it was signed',
    async (emisor) => {
      const [cabecera, , firma] = (await emisor.token()).split('.');
      const [, otra] = (await emisor.token({ sub: 'otro' })).split('.');
      return `Bearer ${[cabecera, otra, firma].join('.')}`;
    },
    'la firma del token no es válida',
  ],
];
