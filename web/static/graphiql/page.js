// The page: our bar above GraphiQL, both served from here and nowhere else.
import { Bar, variablesText } from "./bar.js";
import { fetcher } from "./fetcher.js";
import { createRoot, explorerPlugin, GraphiQL, GraphiQLInterface, GraphiQLProvider, html } from "./vendor.js";

const NEW_TAB = `# 在这里写查询，Ctrl-Enter 运行。 Write a query here; Ctrl-Enter runs it.

`;

const loaded = async (url) => {
  const response = await fetch(url);
  return response.ok ? response.json() : [];
};

/** GraphiQL's tabs may hold personal data: they end with the browser tab, and its "clear" leaves the session alone. */
const storage = {
  getItem: (key) => sessionStorage.getItem(key),
  setItem: (key, value) => sessionStorage.setItem(key, value),
  removeItem: (key) => sessionStorage.removeItem(key),
  clear: () => ownKeys().forEach((key) => sessionStorage.removeItem(key)),
  get length() {
    return ownKeys().length;
  },
};
const ownKeys = () => Object.keys(sessionStorage).filter((key) => key.startsWith("graphiql:"));

const [examples, accounts] = await Promise.all([loaded(new URL("examples.json", import.meta.url)), loaded("graphiql/accounts.json")]);
const firstTabs = examples.slice(0, 1).map(({ query, variables }) => ({ query, variables: variablesText(variables) }));

createRoot(document.getElementById("page")).render(html`
  <${GraphiQLProvider}
    fetcher=${fetcher}
    storage=${storage}
    plugins=${[explorerPlugin()]}
    defaultQuery=${NEW_TAB}
    defaultTabs=${firstTabs.length > 0 ? firstTabs : undefined}
    shouldPersistHeaders=${false}
  >
    <${Bar} accounts=${accounts} examples=${examples} />
    <main>
      <${GraphiQLInterface} defaultEditorToolsVisibility="variables" showPersistHeadersSettings=${false}>
        <${GraphiQL.Logo}>GraphiQL<//>
      <//>
    </main>
  <//>
`);
