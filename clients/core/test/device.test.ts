import { expect, test } from 'vitest';
import { deviceName } from '../src';

test.each([
  ['Mozilla/5.0 (Linux; Android 13; M2012) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36 MicroMessenger/8.0.56', 'WeChat, Android'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1 Version/17.0 Mobile/15E148 Safari/604.1', 'Safari, iPhone'],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0', 'Edge, Windows'],
  ['k6/1.0', 'k6/1.0'],
  ['', ''],
])('%s is called %s', (label, name) => {
  expect(deviceName(label)).toBe(name);
});
