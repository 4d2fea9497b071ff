// How GraphiQL asks: queries and mutations over HTTP, subscriptions over one WebSocket that follows the account.
import { current, expire, subscribe as onSession } from "./session.js";
import { endpoint, post, refusal } from "./transport.js";
import { createClient, getOperationAST } from "./vendor.js";

/** GraphiQL replaces the answer with each message; we show the newest this many together. */
const KEPT = 50;
const REOPENED =
  "连接中断后已恢复；中断期间的消息请用 after: 最后的游标 取回。 The connection was lost and is back; subscribe with after: the last cursor to get what came between.";

const feeds = new Set();
let token = current().account?.token;
let client = connect();

onSession(() => {
  if (token === current().account?.token) return;
  const before = client;
  token = current().account?.token;
  client = connect();
  for (const feed of [...feeds]) feed.restart();
  before.dispose();
});

/** GraphiQL's fetcher. */
export async function fetcher(payload, { headers, documentAST } = {}) {
  const operation = documentAST && getOperationAST(documentAST, payload.operationName);
  return operation?.operation === "subscription" ? { subscribe: (observer) => follow(payload, observer) } : ask(payload, headers);
}

async function ask(payload, headers) {
  const ownAuthorization = Object.keys(headers ?? {}).some((name) => name.toLowerCase() === "authorization");
  const sent = ownAuthorization ? undefined : token;
  const { status, result } = await post(payload, sent, headers);
  if (status === 401 && sent) expire(sent);
  return result;
}

function connect() {
  return createClient({
    url: endpoint.href.replace(/^http/, "ws"),
    connectionParams: token ? { authorization: `Bearer ${token}` } : {},
    shouldRetry: (reason) => reason.code !== 4403, // a revoked session stays revoked
    on: {
      connected: (_socket, _payload, again) => {
        if (again) for (const feed of feeds) feed.note({ notice: REOPENED });
      },
    },
  });
}

/** Run one subscription until it ends or is stopped; a new account starts it afresh. */
function follow(payload, observer) {
  let received, newestFirst, stop, turn = 0;
  const show = (more) => observer.next({ ...more, received, newestFirst });
  const end = (more) => {
    feeds.delete(feed);
    show(more);
    observer.complete();
  };
  const feed = {
    note(entry) {
      newestFirst = [{ receivedAt: new Date().toLocaleTimeString("en-GB"), ...entry }, ...newestFirst].slice(0, KEPT);
      show();
    },
    restart() {
      const mine = ++turn; // stopping a run completes it, which must not end the next one
      const live = (react) => (value) => mine === turn && react(value);
      stop?.();
      [received, newestFirst] = [0, []];
      if (mine > 1) show();
      stop = client.subscribe(payload, {
        next: live((message) => feed.note({ number: ++received, ...message })),
        error: live((reason) => {
          end(explained(reason)); // first, or the lost session would start this one afresh
          if (reason.code === 4401 || reason.code === 4403) expire(token);
        }),
        complete: live(() => end({ ended: "服务器结束了推送。 The server ended the stream." })),
      });
    },
  };
  feeds.add(feed);
  feed.restart();
  return {
    unsubscribe() {
      turn += 1;
      feeds.delete(feed);
      stop();
    },
  };
}

/** Why a subscription failed: GraphQL errors, a closed socket, or no connection at all. */
function explained(reason) {
  if (Array.isArray(reason)) return { errors: reason };
  const detail = reason.code ? `${reason.code} ${reason.reason}`.trim() : reason.message;
  return refusal(`连接被关闭。 The connection was closed: ${detail}`);
}
