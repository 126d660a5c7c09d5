/** An answer that is the same for everybody: made once, whoever asks and however often. */
import type { Request, Response } from 'express';

interface Fija {
  /** Content-Type. */
  tipo: string;
  contenido: string | Buffer;
  cabeceras?: Record<string, string>;
}

/** @returns answers it; not by res.send(), which would make it again for each */
export function respuestaFija({
  tipo,
  contenido,
  cabeceras = {},
}: Fija): (req: Request, res: Response) => void {
  const cuerpo = Buffer.from(contenido);
  const todas = { ...cabeceras, 'Content-Type': tipo, 'Content-Length': String(cuerpo.length) };
  return (_req, res) => {
    res.set(todas).end(cuerpo);
  };
}
