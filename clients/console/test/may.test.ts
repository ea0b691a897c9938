import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { HOLDERS } from '../src/may';

test('who is shown a door is who the server lets in', () => {
  const source = readFileSync(new URL('../../../src/auth/permission.rs', import.meta.url), 'utf8');
  const server = new Map([...source.matchAll(/^ {4}(\w+): ((?:\w+, )*\w+);$/gm)].map(([, name, roles]) => [name, roles!.split(', ').map((role) => role.replace(/(?<=.)([A-Z])/g, '_$1').toLowerCase()).sort()]));
  expect(server.size).toBeGreaterThan(10);
  for (const [permission, roles] of Object.entries(HOLDERS)) expect([...roles].sort(), permission).toEqual(server.get(permission));
});
