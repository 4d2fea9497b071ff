// Verifies receipts in the browser: the keys came with the page, and nothing that is pasted leaves it.
const { keys, words } = JSON.parse(document.getElementById("data").textContent);
const shown = document.getElementById("verified");
const AHEAD_SECONDS = 300;

function bytes(text) {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) return null;
  try {
    const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const found = Uint8Array.from(plain, (one) => one.charCodeAt(0));
    const again = btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
    return again === text ? found : null; // one receipt has one spelling
  } catch {
    return null;
  }
}

async function verify(text) {
  const [content, signature, ...more] = text.replace(/\s/g, "").split("#").at(-1).split(".").map(bytes);
  if (!content || signature?.length !== 64 || more.length) return { outcome: "NOT_GENUINE" };
  let lines;
  try {
    lines = new TextDecoder("utf-8", { fatal: true }).decode(content).split("\n");
  } catch {
    return { outcome: "NOT_GENUINE" };
  }
  const [version, kid, second, serial, name, practises, until] = lines;
  if (version !== "H1" || lines.length !== 7) return { outcome: "NOT_GENUINE" };
  const jwk = keys.keys.find((one) => one.kid === kid);
  if (!jwk) return { outcome: "UNKNOWN_KEY" };
  const key = await crypto.subtle.importKey("jwk", { kty: "OKP", crv: "Ed25519", x: jwk.x }, "Ed25519", false, ["verify"]);
  if (!(await crypto.subtle.verify("Ed25519", key, signature, content))) return { outcome: "NOT_GENUINE" };
  const signed = Number(second) * 1000;
  const said = { kid, signed, serial, name, practises, until };
  if (signed < Math.floor(Date.parse(jwk.activeFrom) / 1000) * 1000) return { outcome: "KEY_NOT_ACTIVE", said };
  if (jwk.retiredAt && signed > Date.parse(jwk.retiredAt)) return { outcome: "KEY_RETIRED", said };
  if (signed > Date.now() + AHEAD_SECONDS * 1000) return { outcome: "FROM_THE_FUTURE", said };
  return { outcome: "CONFIRMED", said };
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function show({ outcome, said }) {
  const parts = [element("strong", words.outcomes[outcome])];
  if (said) {
    const facts = document.createElement("dl");
    const rows = { name: said.name, number: said.serial.replace(/-[^-]*$/, ""), serial: said.serial, until: said.until };
    for (const [term, value] of Object.entries({ ...rows, today: words.practises[said.practises], key: said.kid })) {
      facts.append(element("dt", words.terms[term]), element("dd", value));
    }
    const beijing = new Date(said.signed + 8 * 3600 * 1000).toISOString().slice(0, 19).replace("T", " ");
    const sentence = element("p", words.asOf.replace("{at}", beijing));
    sentence.className = "as-of";
    parts.push(facts, sentence);
  }
  shown.replaceChildren(...parts);
  shown.className = outcome === "CONFIRMED" ? "good" : "bad";
  shown.dataset.outcome = outcome;
}

const form = document.getElementById("receipt-form");
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  // A browser without Ed25519 asks the server, as one without scripts does.
  verify(form.elements.receipt.value).then(show, () => form.submit());
});
if (location.hash.includes(".")) {
  for (const link of document.querySelectorAll("header a")) link.hash = location.hash;
  verify(location.hash).then(show, () => {});
}
