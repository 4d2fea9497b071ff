// The bar above GraphiQL: examples, and who is asking.
import { current, signIn, signOut, subscribe } from "./session.js";
import { flushSync, html, useEditorContext, useEffect, useExecutionContext, useState, useSyncExternalStore } from "./vendor.js";

const ROLES = {
  NURSE: "护士",
  OPERATOR: "机构经办人",
  MANAGER: "机构管理员",
  VIEWER: "机构查看人",
  REVIEWER: "审查人",
  DECIDER: "决定人",
  SUPERVISOR: "督办人",
  PROVINCIAL_ADMIN: "省级管理员",
  HELP_DESK: "客服",
  ANALYST: "统计分析人",
};

const GROUPS = {
  EVERYBODY: "所有人 Everybody",
  NURSE: "护士 Nurses",
  INSTITUTION: "医疗机构 Institutions",
  AUTHORITY: "审批机关 Authorities",
  HELP_DESK: "客服 Help desk",
  ANALYST: "统计分析人 Analysts",
};

/** The whole bar. */
export function Bar({ accounts, examples }) {
  const { account, notice } = useSyncExternalStore(subscribe, current);
  const [busy, setBusy] = useState(false);
  const alone = (step) => async (...given) => {
    setBusy(true);
    await step(...given).finally(() => setBusy(false));
  };
  useForgottenAnswer(account);
  return html`
    <header className="bar">
      <div className="row">
        <strong>护士 Hushi</strong>
        <${Examples} examples=${examples} />
        <span className="space" />
        ${account
          ? html`<${SignedIn} account=${account} busy=${busy} onSignOut=${alone(signOut)} />`
          : html`<${SignInForm} busy=${busy} onSignIn=${alone(signIn)} />`}
      </div>
      ${accounts.length > 0 && html`<${Demo} accounts=${accounts} account=${account} busy=${busy} onSignIn=${alone(signIn)} />`}
      <p className="notice" role="alert">${notice}</p>
    </header>
  `;
}

function Examples({ examples }) {
  const editor = useEditorContext({ nonNull: true });
  const execution = useExecutionContext({ nonNull: true });
  const groups = grouped(examples, useSyncExternalStore(subscribe, current).account?.party);
  const show = ({ query, variables }) => {
    execution.stop();
    const open = editor.tabs.findIndex((tab) => tab.query === query);
    if (open >= 0) return editor.changeTab(open);
    flushSync(editor.addTab); // the editors must show the new tab before it is filled
    editor.queryEditor.setValue(query);
    editor.variableEditor.setValue(variablesText(variables));
  };
  return html`
    <select aria-label="示例 Examples" value="" onChange=${(event) => show(examples[event.target.value])}>
      <option value="" disabled>示例 Examples…</option>
      ${groups.map(([group, indexes]) => html`
        <optgroup key=${group} label=${GROUPS[group]}>
          ${indexes.map((index) => html`<option key=${index} value=${index}>${examples[index].title} · ${examples[index].titleEn}</option>`)}
        </optgroup>
      `)}
    </select>
  `;
}

/** The examples by whom they are for, those of whoever is signed in first; one that serves several stands with each. */
export function grouped(examples, party) {
  const order = Object.keys(GROUPS).sort((one, other) => (other === party) - (one === party));
  const indexes = (group) => examples.flatMap((example, index) => (example.for.includes(group) ? [index] : []));
  return order.map((group) => [group, indexes(group)]);
}

function SignInForm({ busy, onSignIn }) {
  const submit = (event) => {
    event.preventDefault();
    const { userName, password } = Object.fromEntries(new FormData(event.target));
    onSignIn(userName, password);
  };
  return html`
    <form className="row" onSubmit=${submit}>
      <input name="userName" placeholder="用户名 User name" aria-label="用户名 User name" autoComplete="username" required />
      <input name="password" type="password" placeholder="密码 Password" aria-label="密码 Password" autoComplete="current-password" required />
      <button disabled=${busy}>登录 Sign in</button>
    </form>
  `;
}

function SignedIn({ account, busy, onSignOut }) {
  const until = account.expiresAt && `有效至 Valid until ${new Date(account.expiresAt).toLocaleString()}`;
  return html`
    <span title=${until}>已登录 Signed in: <strong>${account.displayName}</strong></span>
    <button disabled=${busy} onClick=${onSignOut}>退出 Sign out</button>
  `;
}

function Demo({ accounts, account, busy, onSignIn }) {
  return html`
    <div className="row demo">
      <span>演示账号 Demo accounts</span>
      ${accounts.map(({ role, userName, password }) => html`
        <button key=${userName} disabled=${busy} aria-pressed=${account?.userName === userName} onClick=${() => onSignIn(userName, password)}>
          ${ROLES[role]} <small>${role.toLowerCase().replace("_", " ")} · ${userName}</small>
        </button>
      `)}
    </div>
  `;
}

/** What one account was shown must not stay on the screen for the next; a running feed empties itself. */
function useForgottenAnswer(account) {
  const { responseEditor } = useEditorContext({ nonNull: true });
  const { isSubscribed } = useExecutionContext({ nonNull: true });
  useEffect(() => {
    if (!isSubscribed) responseEditor?.setValue("");
  }, [account?.token]);
}

/** An example's variables as the editor shows them; the examples are good on any day. */
export function variablesText(variables = {}) {
  const text = Object.keys(variables).length > 0 ? JSON.stringify(variables, null, 2) : "";
  return text.replaceAll("A_WEEK_AGO", weekAgo());
}

const WEEK = 7 * 24 * 60 * 60 * 1000;
const weekAgo = () => new Date(Date.now() - WEEK).toISOString().slice(0, 10);
