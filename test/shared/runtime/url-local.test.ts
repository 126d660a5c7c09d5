import { cabeEnUnaUrl, urlLocal } from '../../../shared/runtime/url-local.ts';

test.each([
  ['127.0.0.1', 'http://127.0.0.1:8080'],
  ['10.1.2.3', 'http://10.1.2.3:8080'],
  ['localhost', 'http://localhost:8080'],
  ['::1', 'http://[::1]:8080'],
  // Every address: reached on loopback, however it is written.
  ['0.0.0.0', 'http://127.0.0.1:8080'],
  ['0', 'http://127.0.0.1:8080'],
  ['::', 'http://[::1]:8080'],
  ['::0', 'http://[::1]:8080'],
  ['0:0:0:0:0:0:0:0', 'http://[::1]:8080'],
])('a server that binds %s is reached at %s', (host, url) => {
  expect(urlLocal(host, 8080)).toBe(url);
  expect(cabeEnUnaUrl(host)).toBe(true);
});

test.each(['fe80::1%eth0', '127.0.0.1:80', 'a b', 'a/b', '[::1', 'a?b', 'a#b'])('%s is no HOST', (host) => {
  expect(cabeEnUnaUrl(host)).toBe(false);
});
