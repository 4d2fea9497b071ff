// One GraphQL request over HTTP.

/** Where the register answers, whatever path a proxy has put before it. */
export const endpoint = new URL("graphql", document.baseURI);

/** Ask the register; a request that brings no GraphQL answer gives an answer that says why. */
export async function post(payload, token, headers = {}) {
  const authorization = token ? { authorization: `Bearer ${token}` } : {};
  try {
    const response = await fetch(endpoint, {
      method: "POST",
      headers: {
        accept: "application/graphql-response+json, application/json;q=0.9",
        "content-type": "application/json",
        ...authorization,
        ...headers,
      },
      body: JSON.stringify(payload),
    });
    return { status: response.status, result: await answerIn(response) };
  } catch (error) {
    return { status: 0, result: refusal(`连接不上服务器，请稍后再试。 The server cannot be reached; try again later. (${error.message})`) };
  }
}

/** A GraphQL answer that holds nothing but this message. */
export function refusal(message) {
  return { errors: [{ message }] };
}

async function answerIn(response) {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return refusal(`服务器的回答不是 GraphQL。 The server did not answer in GraphQL: HTTP ${response.status} ${text.slice(0, 300)}`);
  }
}
