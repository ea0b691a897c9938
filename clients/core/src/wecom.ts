// Signing in by 企业微信: the address that people are sent to, and what they come back with.

import type { WecomWay } from './bodies';

/** What a page does when somebody comes back: sign them in, or bind the account of this user. */
export type Errand = { purpose: 'sign_in' } | { purpose: 'bind'; user_id: string };
export type Kept = Errand & { state: string };

/** Inside WeCom one is known at once; a desktop browser shows a code to scan; a phone's other browsers can do neither. */
export function wecomPlace(user_agent: string): 'inside' | 'desktop' | null {
  if (/wxwork/i.test(user_agent)) return 'inside';
  return /MicroMessenger|Android|iPhone|iPad|Mobile|HarmonyOS/i.test(user_agent) ? null : 'desktop';
}

/** `back`: where WeCom sends people to, without a hash: it adds `code` and `state`. */
export function wecomAddress({ corp_id, agent_id }: WecomWay, place: 'inside' | 'desktop', back: string, state: string): string {
  const said = (pairs: Record<string, string>) => Object.entries(pairs).map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  return place === 'inside'
    ? `https://open.weixin.qq.com/connect/oauth2/authorize?${said({ appid: corp_id, redirect_uri: back, response_type: 'code', scope: 'snsapi_base', state, agentid: agent_id })}#wechat_redirect`
    : `https://login.work.weixin.qq.com/wwlogin/sso/login?${said({ login_type: 'CorpApp', appid: corp_id, agentid: agent_id, redirect_uri: back, state })}`;
}

/** What somebody brings back. A code under a state that this page did not give out is somebody else's, and is not used. */
export function wecomReturn(search: string, kept: string | null): { code: string; errand: Errand } | null {
  try {
    const [code, state] = [parameter(search, 'code'), parameter(search, 'state')];
    if (!code || !state || !kept) return null;
    const { state: given, ...errand } = JSON.parse(kept) as Kept;
    return given === state ? { code, errand } : null;
  } catch {
    return null;
  }
}

function parameter(search: string, name: string): string | null {
  const pair = search.slice(1).split('&').find((one) => one.startsWith(`${name}=`));
  return pair ? decodeURIComponent(pair.slice(name.length + 1).replace(/\+/g, ' ')) : null;
}
