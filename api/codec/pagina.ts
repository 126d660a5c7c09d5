/** The few pages of the codec server: no script, no style but their own, nothing from elsewhere. */
import { createHash } from 'node:crypto';
import type { Response } from 'express';

interface Pagina {
  titulo: string;
  parrafos: readonly string[];
  enlace?: { href: string; texto: string } | undefined;
  accion: { metodo: 'GET' | 'POST'; path: string; texto: string };
}

const ESTILO =
  ':root{color-scheme:light dark}body{font:1rem/1.6 system-ui,sans-serif;margin:12vh auto;max-width:34rem;padding:0 1.25rem}' +
  'h1{font-size:1.5rem}button{font:inherit;padding:.5rem 1.25rem}';
const POLITICA = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(ESTILO).digest('base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function pagina(
  res: Response,
  statusCode: number,
  { titulo, parrafos, enlace, accion }: Pagina,
): void {
  const cuerpo = [
    `<h1>${escapar(titulo)}</h1>`,
    ...parrafos.map((parrafo) => `<p>${escapar(parrafo)}</p>`),
    ...(enlace ? [`<p><a href="${escapar(enlace.href)}">${escapar(enlace.texto)}</a></p>`] : []),
    accion.metodo === 'GET'
      ? `<p><a href="${accion.path}">${escapar(accion.texto)}</a></p>`
      : `<form method="post" action="${accion.path}"><button>${escapar(accion.texto)}</button></form>`,
  ].join('\n');
  res
    .status(statusCode)
    .set({ 'Cache-Control': 'no-store', 'Content-Security-Policy': POLITICA })
    .type('html')
    .send(
      `<!doctype html>\n<html lang="es"><head><meta charset="utf-8">` +
        `<meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapar(titulo)}</title>` +
        `<style>${ESTILO}</style></head><body>\n${cuerpo}\n</body></html>\n`,
    );
}

const ENTIDADES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapar(texto: string): string {
  return texto.replace(/[&<>"']/g, (signo) => ENTIDADES[signo] ?? signo);
}
