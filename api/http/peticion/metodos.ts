/** Methods of HTTP that a route answers, by the one of the route table. */
export function metodosHttpDe(metodo: string): string[] {
  return metodo === 'GET' ? ['GET', 'HEAD'] : [metodo];
}
