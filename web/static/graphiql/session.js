// Who is signed in on this browser tab. The token stays in sessionStorage, never in a URL.
import { post } from "./transport.js";

const KEY = "hushi:session";
const SIGN_IN = `mutation SignIn($input: SignInInput!) {
  signIn(input: $input) {
    __typename
    ... on SignInPayload { token expiresAt viewer { displayName party } }
    ... on Problem { code message }
  }
}`;
const SIGN_OUT = "mutation SignOut { signOut { __typename } }";

const listeners = new Set();
let state = { account: remembered(), notice: "" };

/** The account signed in, or null, and what there is to tell about it. */
export const current = () => state;

/** Hear of every change; returns the way to stop hearing. */
export function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Sign in; the account signed in before is signed out, and a refusal is told in the notice. */
export async function signIn(userName, password) {
  const { result } = await post({ query: SIGN_IN, variables: { input: { userName, password } } });
  const answer = result.data?.signIn;
  if (!answer?.token) return become(state.account, `登录未成功。 Not signed in: ${reasonOf(answer, result)}`);
  const before = state.account;
  const { displayName = userName, party } = answer.viewer ?? {};
  become({ userName, token: answer.token, expiresAt: answer.expiresAt, displayName, party });
  if (before) await revoke(before);
}

/** Sign out, here at once and then on the server. */
export async function signOut() {
  const before = state.account;
  become(null);
  await revoke(before);
}

/** The server no longer takes this token. */
export function expire(token) {
  if (token === state.account?.token) become(null, "登录已失效，请重新登录。 The session has ended; sign in again.");
}

async function revoke({ token }) {
  const { status, result } = await post({ query: SIGN_OUT }, token);
  if (status !== 401 && result.errors) {
    become(state.account, `本页已退出，但服务器没有确认。 Signed out here, but the server did not confirm: ${result.errors[0].message}`);
  }
}

function become(account, notice = "") {
  state = { account, notice };
  if (account) sessionStorage.setItem(KEY, JSON.stringify(account));
  else sessionStorage.removeItem(KEY);
  for (const listener of [...listeners]) listener();
}

function remembered() {
  const account = JSON.parse(sessionStorage.getItem(KEY));
  return account && !(Date.parse(account.expiresAt) <= Date.now()) ? account : null;
}

function reasonOf(answer, result) {
  if (answer?.message) return `${answer.message} (${answer.code})`;
  return result.errors?.[0]?.message ?? JSON.stringify(result);
}
