// What page.js and its neighbours take from others; esbuild follows these lines and bundles no more than they name.
import "graphiql/graphiql.css";
import "@graphiql/plugin-explorer/dist/style.css";

import htm from "htm";
import { createElement } from "react";

export { explorerPlugin } from "@graphiql/plugin-explorer";
export { GraphiQLProvider, useEditorContext, useExecutionContext } from "@graphiql/react";
export { GraphiQL, GraphiQLInterface } from "graphiql";
export { getOperationAST, parse } from "graphql";
export { createClient } from "graphql-ws";
export { useEffect, useState, useSyncExternalStore } from "react";
export { flushSync } from "react-dom";
export { createRoot } from "react-dom/client";

/** JSX without a build: html`<${Component} name=${value} />`. */
export const html = htm.bind(createElement);
