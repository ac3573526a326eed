// The official TypeScript SDK, as a user writes it, against a running sosie: only the base URL is changed.
//
// Reads SOSIE_BASE_URL, SOSIE_ACCOUNT_ID, SOSIE_TOKEN, SOSIE_READ_TOKEN, SOSIE_EMAIL, SOSIE_API_KEY, SOSIE_OTHER_ACCOUNT_ID
// and SOSIE_SIZE, the number of entries that the account has. Run by tests/wire/test_node_sdk.py.

import assert from 'node:assert/strict';
import test from 'node:test';
import Cloudflare from 'cloudflare';

const env = process.env;
const account = { account_id: env.SOSIE_ACCOUNT_ID };
const size = Number(env.SOSIE_SIZE);
const nowhere = 'f174e90a-fafe-4643-bbbc-4a0ed4fc8415';
const jane = { name: 'Jane Roe', email: 'jane.roe@example.com', is_email_regex: false };

// The constructor takes what it is not given from the environment: undefined would not keep it from doing so.
const none = { apiToken: null, apiEmail: null, apiKey: null, userServiceKey: null };

function clientOf(credentials = { apiToken: env.SOSIE_TOKEN }, options = {}) {
  return new Cloudflare({ baseURL: env.SOSIE_BASE_URL, ...none, ...credentials, ...options });
}

function registryOf(...given) {
  return clientOf(...given).emailSecurity.settings.impersonationRegistry;
}

async function refused(promise, type, code) {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof type, `${error.constructor.name}: ${error.message}`);
    assert.equal(error.errors[0].code, code);
    return true;
  });
}

const registry = registryOf();

test('an entry lives and dies', async () => {
  const made = await registry.create({ ...account, ...jane, comments: 'CEO', directory_id: 0 });
  assert.equal(made.name, 'Jane Roe');
  assert.equal(made.comments, 'CEO');
  assert.equal(made.directory_id, 0);
  assert.equal(made.directory_node_id, null);
  assert.equal(made.provenance, 'A1S_INTERNAL');
  assert.deepEqual(await registry.get(made.id, account), made);
  const edited = await registry.edit(made.id, { ...account, name: 'Jane B. Roe', comments: null });
  assert.equal(edited.name, 'Jane B. Roe');
  assert.equal(edited.comments, null);
  assert.equal(edited.email, made.email);
  assert.ok(edited.modified_at > made.modified_at);
  assert.deepEqual(await registry.delete(made.id, account), { id: made.id });
  await refused(registry.get(made.id, account), Cloudflare.NotFoundError, 1002);
});

for (const order of ['created_at', 'name', 'email']) {
  for (const direction of ['asc', 'desc']) {
    test(`the auto-pager finds every entry once by ${order} ${direction}`, async () => {
      const found = [];
      for await (const entry of registry.list({ ...account, order, direction, per_page: 500 })) {
        found.push(entry);
      }
      assert.equal(found.length, size);
      assert.equal(new Set(found.map((entry) => entry.id)).size, size);
      const keys = found.map((entry) => `${entry[order]} ${entry.created_at}`);
      const sorted = [...keys].sort();
      assert.deepEqual(keys, direction === 'asc' ? sorted : sorted.reverse());
    });
  }
}

test('the pager filters and searches', async () => {
  const query = { ...account, provenance: 'SNOOPY-OFFICE_365', search: 'every tenth', per_page: 20 };
  const found = [];
  for await (const entry of registry.list(query)) {
    found.push(`${entry.provenance} ${entry.comments}`);
  }
  assert.ok(found.length > 20);
  assert.deepEqual([...new Set(found)], ['SNOOPY-OFFICE_365 every tenth']);
});

test('a page tells where it stands, and the one past the end is empty', async () => {
  const page = await registry.list({ ...account, page: 3, per_page: 1000 });
  assert.equal(page.result.length, size - 2000);
  assert.equal(page.result_info.total_count, size);
  assert.deepEqual((await registry.list({ ...account, page: 4, per_page: 1000 })).result, []);
});

test('a wrong token is a PermissionDeniedError', async () => {
  const wrong = registryOf({ apiToken: `sosie_${'0'.repeat(44)}` });
  await refused(wrong.list(account), Cloudflare.PermissionDeniedError, 10000);
});

test('a reading token reads and does not write', async () => {
  const reader = registryOf({ apiToken: env.SOSIE_READ_TOKEN });
  assert.equal((await reader.list(account)).result.length, 20);
  await refused(reader.create({ ...account, ...jane }), Cloudflare.PermissionDeniedError, 10000);
  await refused(reader.delete(nowhere, account), Cloudflare.PermissionDeniedError, 10000);
});

test("another's account and one that is not there are forbidden alike", async () => {
  for (const account_id of [env.SOSIE_OTHER_ACCOUNT_ID, '0'.repeat(32)]) {
    await refused(registry.list({ account_id }), Cloudflare.PermissionDeniedError, 10000);
  }
});

test('an address with its key is a credential', async () => {
  const pair = registryOf({ apiEmail: env.SOSIE_EMAIL, apiKey: env.SOSIE_API_KEY });
  assert.equal((await pair.list(account)).result.length, 20);
});

test('an address alone is explained', async () => {
  await assert.rejects(registryOf({ apiEmail: env.SOSIE_EMAIL }).list(account), (error) => {
    assert.ok(error instanceof Cloudflare.BadRequestError);
    assert.equal(error.errors[0].code, 9106);
    assert.match(error.error.messages[0].message, /CLOUDFLARE_EMAIL/);
    return true;
  });
});

test('what is not there is a NotFoundError', async () => {
  await refused(registry.get(nowhere, account), Cloudflare.NotFoundError, 1002);
  await refused(registry.edit(nowhere, { ...account, name: 'x' }), Cloudflare.NotFoundError, 1002);
  await refused(registry.delete(nowhere, account), Cloudflare.NotFoundError, 1002);
  await refused(registry.get('12444788', account), Cloudflare.NotFoundError, 7003);
});

test('a bad request names its fields', async () => {
  await assert.rejects(registry.create({ ...account, ...jane, name: '', email: 'nobody' }), (error) => {
    assert.ok(error instanceof Cloudflare.BadRequestError);
    assert.deepEqual(error.errors.map((one) => one.source.pointer), ['/name', '/email']);
    return true;
  });
});

test('a lost answer makes no second entry', async () => {
  const lost = [];
  const losing = async (url, options) => {
    const answer = await fetch(url, options);
    if (options.method.toUpperCase() === 'POST' && lost.length === 0) {
      lost.push((await answer.json()).result.id);
      throw new TypeError('the connection broke');
    }
    return answer;
  };
  const patient = registryOf({ apiToken: env.SOSIE_TOKEN }, { fetch: losing });
  const made = await patient.create({ ...account, ...jane, name: 'Made once' });
  assert.deepEqual(lost, [made.id]);
  const found = await registry.list({ ...account, search: 'Made once' });
  assert.deepEqual(found.result.map((entry) => entry.id), [made.id]);
  await registry.delete(made.id, account);
});
