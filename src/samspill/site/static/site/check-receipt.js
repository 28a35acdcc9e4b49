// Checks a receipt of the log in the browser; nothing is sent anywhere. The same steps as scripts/verify_log.py receipt:
// the leaf from event and salts (RFC 6962), the path to the root (RFC 9162 section 2.1.3.2), the signature (Ed25519).
"use strict";
(() => {
  const PARTS = ["what", "role", "who"];
  const text = new TextEncoder();

  class Fault extends Error {}
  const need = (holds, code) => {
    if (!holds) throw new Fault(code);
  };

  const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const join = (...pieces) => Uint8Array.from(pieces.flatMap((piece) => [...piece]));
  const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const same = (a, b) => a.length === b.length && a.every((byte, n) => byte === b[n]);

  const fromHex = (given) => {
    need(typeof given === "string" && /^([0-9a-f]{2})+$/.test(given), "unreadable");
    return Uint8Array.from(given.match(/../g), (pair) => parseInt(pair, 16));
  };
  const fromBase64 = (given) => {
    let raw = "";
    try {
      raw = atob(given);
    } catch {
      throw new Fault("unreadable");
    }
    need(btoa(raw) === given, "unreadable"); // one spelling only
    return Uint8Array.from(raw, (one) => one.charCodeAt(0));
  };

  const canonical = (value) => {
    if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    const keys = Object.keys(value).sort();
    return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
  };

  const keysAre = (value, wanted) =>
    value !== null && typeof value === "object" && canonical(Object.keys(value).sort()) === canonical([...wanted].sort());

  const leafOf = async ({ event, salts, held_back: held }) => {
    const opened = Object.keys(event.parts);
    need(opened.every((name) => PARTS.includes(name)), "unreadable");
    need(keysAre(salts, opened) && keysAre(held, PARTS.filter((name) => !opened.includes(name))), "unreadable");
    const leaf = { at: event.at, id: event.id, v: 1 };
    for (const name of PARTS) {
      leaf[name] = opened.includes(name)
        ? hex(await sha256(join(fromHex(salts[name]), text.encode(canonical(event.parts[name])))))
        : held[name];
    }
    return sha256(join([0], text.encode(canonical(leaf))));
  };

  const leadsTo = async (leaf, { index, size, path }, root) => {
    if (!(Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size)) return false;
    let [at, last, computed] = [index, size - 1, leaf];
    for (const step of path.map(fromHex)) {
      if (last === 0) return false;
      if (at % 2 || at === last) {
        computed = await sha256(join([1], step, computed));
        while (at && !(at % 2)) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
      } else {
        computed = await sha256(join([1], computed, step));
      }
      [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    }
    return last === 0 && same(computed, root);
  };

  const readKey = async (given) => {
    const [name, claimed, ...rest] = given.trim().split("+");
    const raw = fromBase64(rest.join("+"));
    const id = (await sha256(join(text.encode(`${name}\n`), raw))).slice(0, 4);
    need(raw.length === 33 && raw[0] === 1 && hex(id) === claimed, "bad_key");
    return { name, id, raw: raw.slice(1) };
  };

  const openNote = async (note, given) => {
    const cut = note.lastIndexOf("\n\n");
    need(cut > 0, "unreadable");
    const [body, lines] = [`${note.slice(0, cut)}\n`, note.slice(cut + 2).split("\n")];
    const [origin, size, root, time] = body.split("\n");
    const key = await readKey(given);
    need(origin === key.name && /^time /.test(time ?? ""), "not_signed");
    const mine = lines.filter((line) => line.startsWith(`\u2014 ${key.name} `));
    need(mine.length === 1, "not_signed");
    const signature = fromBase64(mine[0].slice(key.name.length + 3));
    need(same(signature.slice(0, 4), key.id), "not_signed");
    const verifier = await crypto.subtle.importKey("raw", key.raw, { name: "Ed25519" }, false, ["verify"]);
    need(await crypto.subtle.verify("Ed25519", verifier, signature.slice(4), text.encode(body)), "bad_signature");
    return { size: Number(size), root: fromBase64(root), time: time.slice(5) };
  };

  // Returns {ok, code, at?, event?}; never throws.
  const check = async (file, key) => {
    try {
      const receipt = JSON.parse(file);
      need(file.trim() === JSON.stringify(receipt, null, 1), "unreadable"); // as it was downloaded, byte for byte
      need(keysAre(receipt, ["format", "event", "salts", "held_back", "proof", "checkpoint", "key"]), "unreadable");
      need(receipt.format === "samspill-log-receipt/1", "unreadable");
      need(keysAre(receipt.event, ["id", "at", "parts"]) && keysAre(receipt.proof, ["index", "size", "path"]), "unreadable");
      need(receipt.key === key.trim(), "other_key");
      const leaf = await leafOf(receipt);
      const signed = await openNote(receipt.checkpoint, key);
      need(signed.size === receipt.proof.size, "not_in_log");
      need(await leadsTo(leaf, receipt.proof, signed.root), "not_in_log");
      return { ok: true, code: "true", at: signed.time, event: receipt.event.id };
    } catch (error) {
      if (error instanceof Fault) return { ok: false, code: error.message };
      return { ok: false, code: error.name === "NotSupportedError" ? "too_old" : "unreadable" };
    }
  };

  // When it was signed, as the page's language writes it, and by the clock in Norway as on all other pages.
  const inWords = (time) => new Date(time).toLocaleString(document.documentElement.lang, {
    dateStyle: "long", timeStyle: "short", timeZone: "Europe/Oslo",
  });

  const form = document.getElementById("kontroll");
  if (!form) return;
  form.hidden = false;
  form.check = check;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    const answer = document.getElementById("svar");
    const chosen = form.elements.receipt.files[0];
    const found = chosen ? await check(await chosen.text(), form.elements.key.value) : { ok: false, code: "none" };
    const said = answer.dataset[found.code.replace(/_(\w)/g, (_all, letter) => letter.toUpperCase())];
    answer.textContent = found.ok ? `${said} ${inWords(found.at)}` : said;
    answer.dataset.color = found.ok ? "success" : "danger";
    answer.hidden = false;
    answer.focus();
  }, true);
})();
