/** The codec server's process: configuration, listen. Ends in order on SIGINT and SIGTERM. */
import { readFileSync } from 'node:fs';
import { tryKeyring } from '../../codec/codec';
import { environment } from '../config';
import { openKeyService } from '../key-service';
import { codeOf, complain, log, runProcess, untilToldToEnd } from '../process';
import { watchRoster } from '../roster';
import { readCodecServerConfig } from './config';
import { startCodecServer, type CodecServer } from './server';

async function main(): Promise<number> {
  const env = environment();
  const keyService = openKeyService(env['AWS_ENDPOINT_URL']);
  const read = readCodecServerConfig(env, (path) => readFileSync(path, 'utf8'), keyService);
  if (!read.ok) return complain('The configuration has problems:', read.problems);
  const { config } = read;
  let server: CodecServer;
  try {
    server = await startCodecServer({ ...config, roster: watchRoster(config.rosterPath), log });
  } catch (error) {
    return complain(`The codec server can't listen on ${config.host}, port ${config.port}${codeOf(error)}.`, [
      'end what listens there, or name others in FIREBREAK_CODEC_HOST and FIREBREAK_CODEC_PORT',
      'look whether FIREBREAK_CODEC_TLS_CERT and FIREBREAK_CODEC_TLS_KEY belong together',
    ]);
  }
  log(`listening at ${server.url}`);
  if (config.enrolled === 0)
    log('nobody on the roster has a key, so nobody can sign in: enrol some with "firebreak keys enrol"');
  void tryKeyring(config.keyring).catch(() =>
    log("the keys can't be used just now, so nothing can be read: look at the keyring and its key service"),
  );
  await untilToldToEnd();
  await server.close();
  return 0;
}

runProcess('The codec server', main);
