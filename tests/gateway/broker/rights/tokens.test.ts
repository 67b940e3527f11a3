// Tokens of programs: whose they are, as long as their user's password is the one they were made under.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeHash, parseHash, type PasswordHash } from '../../../../gateway/broker/rights/password-hash.js';
import { parseTokens, withoutTokens, withToken } from '../../../../gateway/broker/rights/token-file.js';
import { bearerToken, makeToken, nameOfToken, TokenCheck } from '../../../../gateway/broker/rights/tokens.js';

async function password(text: string): Promise<PasswordHash> {
  const hash = parseHash(await makeHash(Buffer.from(text)));
  assert.ok('kind' in hash);
  return hash;
}

test('a token is its user’s, to the last sign, and of a new password or without the user nobody’s', async () => {
  const [alice, bob] = [await password('a'), await password('b')];
  const users = new Map([
    ['alice', alice],
    ['bob', bob],
  ]);
  const { token, known } = makeToken('alice', alice, '2026-11-28');
  const text = withToken(withToken('', makeToken('bob', bob, '2026-11-28').known), known);
  assert.ok(!text.includes(token.split('_')[2] ?? '-'), 'the secret is not in the file');
  const { tokens, badLines } = parseTokens(`# of programs\n\n${text}alice:secret\n`);
  assert.deepEqual(
    badLines.map(({ line }) => line),
    [5],
  );
  const check = new TokenCheck(tokens, users);
  assert.equal(check.userOf(token), 'alice');
  const other = token.at(-2) === 'A' ? 'B' : 'A';
  for (const wrong of [
    token.slice(0, -2) + other + token.slice(-1),
    token.slice(0, -1),
    `${token}A`,
    token.replace(/^igw_.{8}/, 'igw_00000000'),
    '',
  ])
    assert.equal(check.userOf(wrong), undefined, wrong);
  // The line of one, written over to another.
  const moved = parseTokens(text.replaceAll(':alice:', ':bob:')).tokens;
  assert.equal(new TokenCheck(moved, users).userOf(token), undefined);
  assert.equal(new TokenCheck(tokens, new Map([['alice', await password('a')]])).userOf(token), undefined);
  assert.equal(new TokenCheck(tokens, new Map()).userOf(token), undefined);
  assert.deepEqual(
    parseTokens(withoutTokens(text, 'alice')).tokens.map(({ user }) => user),
    ['bob'],
  );
  assert.equal(withoutTokens(text, 'bob', known.id), text);
});

test('only our own tokens are a login; a log has their public part', () => {
  const token = `igw_0123abcd_${'x'.repeat(43)}`;
  assert.equal(bearerToken(`Bearer ${token}`), token);
  assert.equal(bearerToken(`bearer  ${token} `), token);
  for (const header of [undefined, '', 'Bearer eyJhbGciOi.x.y', 'Basic abc', `Bearer ${token} more`])
    assert.equal(bearerToken(header), undefined);
  assert.equal(nameOfToken(token), 'token 0123abcd');
  assert.equal(nameOfToken('igw_secret'), 'token of another form');
});
