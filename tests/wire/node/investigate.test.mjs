// The official TypeScript SDK with recorded messages, as a user writes it: only the base URL is changed.
//
// Reads SOSIE_BASE_URL, SOSIE_ACCOUNT_ID, SOSIE_TOKEN and SOSIE_RECORDS, the ids of the messages that are recorded in the
// account, the newest first, separated by commas. Run by tests/wire/test_node_sdk.py.

import assert from 'node:assert/strict';
import test from 'node:test';
import Cloudflare from 'cloudflare';

const env = process.env;
const account = { account_id: env.SOSIE_ACCOUNT_ID };
const recorded = env.SOSIE_RECORDS.split(',');
const none = { apiEmail: null, apiKey: null, userServiceKey: null };
const client = new Cloudflare({ baseURL: env.SOSIE_BASE_URL, apiToken: env.SOSIE_TOKEN, ...none });
const investigate = client.emailSecurity.investigate;

test('the auto-pager finds every message once', async () => {
  const found = [];
  for await (const message of investigate.list({ ...account, per_page: 20 })) {
    found.push(message.id);
  }
  assert.deepEqual(found, recorded);
});

test('a message is read, released and refused a move', async () => {
  const [newest] = recorded;
  const message = await investigate.get(newest, account);
  assert.equal(message.from_name, 'Jane Roe');
  assert.equal(message.is_quarantined, true);
  const detections = await investigate.detections.get(newest, account);
  assert.equal(detections.findings[0].name, 'author_name');
  await assert.rejects(investigate.move.create(newest, { ...account, destination: 'Inbox' }), Cloudflare.BadRequestError);
});
