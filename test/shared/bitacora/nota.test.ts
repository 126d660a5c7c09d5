import {
  generarClaveDeFirma,
  leerClaveDeFirma,
  leerClavePublica,
  partirNota,
} from '../../../shared/bitacora/punto-de-control/nota.ts';
import {
  enlaceCon,
  leerPuntoDeControl,
  textoDePunto,
} from '../../../shared/bitacora/punto-de-control/punto-de-control.ts';
import { GO_REFEREE_SETUP_MS, startGoReferee, type GoReferee } from '../../support/referees/go-referee.ts';

const clave = generarClaveDeFirma('example.com/bitacora');
const firmante = leerClaveDeFirma(clave);
const verificador = leerClavePublica(firmante.clavePublica);
const PUNTO = { origen: 'example.com/bitacora/1', tamano: 7, raiz: Buffer.alloc(32, 9) };
const nota = firmante.firmar(textoDePunto(PUNTO));

describe('signed notes, by an implementation that is not ours', () => {
  let referee: GoReferee;
  beforeAll(async () => {
    referee = await startGoReferee();
  }, GO_REFEREE_SETUP_MS);
  afterAll(() => referee.end());

  it('verify there under the published key', async () => {
    const otra = leerClaveDeFirma(generarClaveDeFirma('example.com/bitacora'));
    const enlazada = firmante.firmar(textoDePunto({ ...PUNTO, anterior: enlaceCon(nota) }));
    const { notas } = await referee.juzgar({
      notas: [
        { nota, clave: firmante.clavePublica },
        { nota: enlazada, clave: firmante.clavePublica },
        { nota: nota.replace('\n7\n', '\n8\n'), clave: firmante.clavePublica },
        { nota, clave: otra.clavePublica },
      ],
    });

    expect(notas).toEqual([
      'VALE',
      'VALE',
      expect.not.stringMatching('VALE'),
      expect.not.stringMatching('VALE'),
    ]);
  });

  it('are the same bytes when the same key signs the same text', async () => {
    const { firmada } = await referee.juzgar({ firmar: { clave, texto: textoDePunto(PUNTO) } });

    expect(firmada).toBe(nota);
  });
});

describe('a signed note', () => {
  it('does not verify with any bit of it changed', () => {
    const bytes = Buffer.from(nota);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const copia = Buffer.from(bytes);
      copia[bit >> 3] = (copia[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(verifica(copia.toString('utf8'))).toBe(false);
    }
    expect(verifica(nota)).toBe(true);
  });

  it('verifies beside signatures of others', () => {
    const otra = leerClaveDeFirma(generarClaveDeFirma('example.org/testigo'));
    const [, firmas = ''] = otra.firmar(textoDePunto(PUNTO)).split('\n\n');

    expect(verifica(nota + firmas)).toBe(true);
    expect(partirNota(nota + firmas).firmas.map(({ nombre }) => nombre)).toEqual([
      'example.com/bitacora',
      'example.org/testigo',
    ]);
  });
});

describe('a key', () => {
  it.each([
    ['an empty text', ''],
    ['another form', 'clave'],
    ['a public key', firmante.clavePublica],
    ['another name', clave.replace('example.com', 'example.org')],
    ['a cut key', clave.slice(0, -8)],
  ])('is refused where it is %s, without being told', (_, texto) => {
    let mensaje = '';
    try {
      leerClaveDeFirma(texto);
    } catch (error) {
      mensaje = (error as Error).message;
    }
    expect(mensaje).not.toBe('');
    expect(mensaje).not.toContain(clave.slice(-20));
  });

  it('has no name with blanks or a plus', () => {
    expect(() => generarClaveDeFirma('mi bitácora')).toThrow('name');
    expect(() => generarClaveDeFirma('a+b')).toThrow('name');
  });
});

describe('a checkpoint', () => {
  it('reads as it was written', () => {
    expect(leerPuntoDeControl(nota)).toEqual(PUNTO);
    const conEnlace = { ...PUNTO, anterior: enlaceCon(nota) };
    expect(leerPuntoDeControl(firmante.firmar(textoDePunto(conEnlace)))).toEqual(conEnlace);
  });

  it.each([
    ['a size with a zero before it', nota.replace('\n7\n', '\n07\n')],
    ['no size', nota.replace('\n7\n', '\nsiete\n')],
    ['a root of another length', nota.replace(PUNTO.raiz.toString('base64'), 'CQkJ')],
    ['a line more', nota.replace('\n\n', '\nmás\n\n')],
    ['no signature', textoDePunto(PUNTO)],
    ['a link that is no hash', nota.replace('\n\n', '\nanterior CQkJ\n\n')],
    ['a line after the link', nota.replace('\n\n', `\nanterior ${'A'.repeat(43)}=\nmás\n\n`)],
  ])('is refused with %s', (_, texto) => {
    expect(() => leerPuntoDeControl(texto)).toThrow();
  });
});

function verifica(texto: string): boolean {
  try {
    return verificador.verificar(texto);
  } catch {
    return false;
  }
}
