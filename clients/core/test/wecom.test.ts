import { expect, test } from 'vitest';
import { wecomAddress, wecomPlace, wecomReturn } from '../src';

const WAY = { corp_id: 'ww1', agent_id: '1000002' };

test.each([
  ['Mozilla/5.0 (iPhone) AppleWebKit/605 Mobile wxwork/4.1 MicroMessenger/7.0', 'inside'],
  ['Mozilla/5.0 (Windows NT 10.0) Chrome/134 wxwork/5.0.6', 'inside'],
  ['Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/142', 'desktop'],
  ['Mozilla/5.0 (Macintosh) AppleWebKit/605 Version/18 Safari/605', 'desktop'],
  ['Mozilla/5.0 (Linux; Android 14) Chrome/142 Mobile MicroMessenger/8.0', null],
  ['Mozilla/5.0 (Linux; Android 14) Chrome/142 Mobile', null],
])('%s is %s', (user_agent, place) => expect(wecomPlace(user_agent)).toBe(place));

test('the addresses name the corporation, the application, the way back and the state', () => {
  for (const place of ['inside', 'desktop'] as const) {
    const url = new URL(wecomAddress(WAY, place, 'https://shop.example/?a=1&b', 's&1'));
    const { searchParams: said } = url;
    expect([said.get('appid'), said.get('agentid'), said.get('redirect_uri'), said.get('state')])
      .toEqual(['ww1', '1000002', 'https://shop.example/?a=1&b', 's&1']);
    expect(url.hash).toBe(place === 'inside' ? '#wechat_redirect' : '');
  }
});

test('only a code under the state that was given out is used', () => {
  const kept = JSON.stringify({ state: 's1', purpose: 'bind', user_id: 'u1' });
  expect(wecomReturn('?code=c1&state=s1', kept)).toEqual({ code: 'c1', errand: { purpose: 'bind', user_id: 'u1' } });
  for (const [search, memory] of [
    ['?code=c1&state=s2', kept], ['?code=c1', kept], ['?state=s1', kept], ['', kept], ['?code=c1&state=s1', null], ['?code=c1&state=s1', 'x'],
  ] as const) expect(wecomReturn(search, memory)).toBeNull();
});
