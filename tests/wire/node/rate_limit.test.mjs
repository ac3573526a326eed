// The official TypeScript SDK and the rate limit of a server that lets 5 requests through in 3 seconds.

import assert from 'node:assert/strict';
import test from 'node:test';
import Cloudflare from 'cloudflare';

const env = process.env;
const account = { account_id: env.SOSIE_ACCOUNT_ID };

function registryOf(maxRetries) {
  const client = new Cloudflare({ baseURL: env.SOSIE_BASE_URL, apiToken: env.SOSIE_TOKEN, apiEmail: null, maxRetries });
  return client.emailSecurity.settings.impersonationRegistry;
}

test('429 is a RateLimitError, and the SDK waits for as long as Retry-After says', async () => {
  const hasty = registryOf(0);
  await assert.rejects(async () => {
    for (let request = 0; request < 6; request += 1) {
      await hasty.list(account);
    }
  }, (caught) => {
    assert.ok(caught instanceof Cloudflare.RateLimitError);
    assert.equal(caught.errors[0].code, 10429);
    assert.match(caught.headers.get('retry-after'), /^[123]$/);
    return true;
  });
  const began = Date.now();
  assert.deepEqual((await registryOf(1).list(account)).result, []);
  assert.ok(Date.now() - began > 500);
});
