import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { httpGet, proxyFor } from '../../../src/networks/weights/http-get.ts';
import { AS_LOADED } from '../../helpers/as-loaded.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const run = promisify(execFile);

async function listen(t: TestContext, server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const serve = (t: TestContext, answer: RequestListener) => listen(t, createServer(answer));

async function body(url: string, environment: Record<string, string> = {}): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of (await httpGet(url, { environment })).body) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}

test('redirects are followed, but not in circles', async (t) => {
  const host = await serve(t, ({ url }, response) => {
    if (url === '/there') return response.end('arrived');
    response.writeHead(302, { location: url === '/from' ? 'there' : '/circle' }).end();
  });
  assert.equal(await body(`http://${host}/from`), 'arrived');
  await assert.rejects(body(`http://${host}/circle`), /redirects too often/);
});

test('which proxy serves which address', () => {
  const https = new URL('https://download.pytorch.org/models/x.pth');
  const proxy = (environment: Record<string, string>, url = https) => proxyFor(url, environment)?.href;
  assert.equal(proxy({}), undefined);
  assert.equal(proxy({ HTTPS_PROXY: 'http://proxy:3128' }), 'http://proxy:3128/');
  assert.equal(proxy({ https_proxy: 'proxy:3128' }), 'http://proxy:3128/');
  assert.equal(proxy({ http_proxy: 'http://proxy:3128' }), undefined);
  assert.equal(proxy({ http_proxy: 'http://proxy:3128' }, new URL('http://a.org')), 'http://proxy:3128/');
  for (const exempt of ['*', 'pytorch.org', '.pytorch.org', '*.pytorch.org', 'a.org, download.pytorch.org']) {
    assert.equal(proxy({ https_proxy: 'proxy:3128', NO_PROXY: exempt }), undefined, exempt);
  }
  assert.equal(proxy({ https_proxy: 'proxy:3128', no_proxy: 'torch.org,org.pytorch' }), 'http://proxy:3128/');
});

test('a proxy is asked for plain addresses, with its password', async (t) => {
  const proxy = await serve(t, ({ url, headers }, response) => {
    response.end(`${url} for ${headers.host} by ${headers['proxy-authorization']}`);
  });
  const environment = { http_proxy: `http://ada:s%40fe@${proxy}` };
  const credentials = Buffer.from('ada:s@fe').toString('base64');
  assert.equal(
    await body('http://weights.example/vgg', environment),
    `http://weights.example/vgg for weights.example by Basic ${credentials}`,
  );
});

test('a proxy that refuses to pass bytes through is named', async (t) => {
  const gate = createServer().on('connect', (_, client) => client.end('HTTP/1.1 403 Forbidden\r\n\r\n'));
  const proxy = await listen(t, gate);
  await assert.rejects(
    body('https://weights.example/vgg', { https_proxy: `http://${proxy}` }),
    (error: Error) => error.message === `the proxy ${proxy} answers 403`,
  );
});

test('a proxy passes encrypted addresses through', async (t) => {
  const folder = await temporaryFolder(t);
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const request = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    key,
    '-out',
    certificate,
  ];
  try {
    await run('openssl', [...request, ...subject]);
  } catch (error) {
    return t.skip(`no certificate without openssl: ${(error as Error).message.split('\n')[0]}`);
  }
  const secure = createTlsServer(
    { key: await readFile(key), cert: await readFile(certificate) },
    (_, response) => response.end('secret'),
  );
  const target = await listen(t, secure as unknown as Server);
  const asked: string[] = [];
  const gate = createServer().on('connect', ({ url }, client) => {
    asked.push(url ?? '');
    const onward = connect(Number(target.split(':')[1]), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connected\r\n\r\n');
      onward.pipe(client).pipe(onward);
    });
    onward.on('error', () => client.destroy());
    client.on('error', () => onward.destroy());
  });
  const proxy = await listen(t, gate);
  // Node reads additional certificates at its start only.
  const program = `
    const { httpGet } = await import(${JSON.stringify(new URL('../../../src/networks/weights/http-get.ts', import.meta.url).href)});
    for await (const piece of (await httpGet('https://localhost:${target.split(':')[1]}/')).body) process.stdout.write(piece);`;
  const { stdout } = await run(process.execPath, [...AS_LOADED, '--input-type=module', '-e', program], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: certificate, HTTPS_PROXY: `http://${proxy}`, NO_PROXY: '' },
  });
  assert.equal(stdout, 'secret');
  assert.deepEqual(asked, [`localhost:${target.split(':')[1]}`]);
});
