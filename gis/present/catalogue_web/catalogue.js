"use strict";
const root = document.documentElement;
const base = document.body.dataset.base;
const box = document.getElementById("search");
const hits = document.getElementById("hits");
const button = document.getElementById("language");
const MOST = 40;

function remembered() {
  try { return localStorage.getItem("catalogue-language"); } catch { return null; }  // a file may have no storage
}

function show(language) {
  root.dataset.language = language;
  root.lang = language === "zh" ? "zh-CN" : "en";
  button.textContent = language === "zh" ? "EN" : "中文";
  try { localStorage.setItem("catalogue-language", language); } catch { /* shown all the same */ }
}

button.addEventListener("click", () => show(root.dataset.language === "zh" ? "en" : "zh"));
if (remembered()) show(remembered());

function rank(item, words) {
  const id = item.id.toLowerCase(), names = `${item.zh} ${item.en}`.toLowerCase(), all = `${id} ${names} ${item.words.toLowerCase()}`;
  if (!words.every((each) => all.includes(each))) return 9;
  if (id === words[0]) return 0;
  if (id.startsWith(words[0])) return 1;
  return words.every((each) => names.includes(each)) ? 2 : 3;
}

function element(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

function search() {
  const words = box.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  hits.hidden = !words.length;
  hits.replaceChildren();
  if (!words.length) return;
  const zh = root.dataset.language === "zh";
  const found = CATALOGUE.map((item, n) => [rank(item, words), n, item]).filter(([r]) => r < 9);
  found.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  for (const [, , item] of found.slice(0, MOST)) {
    const link = element("a", "");
    link.href = base + item.href;
    link.append(element("code", item.kind === "rule" ? item.id : ""), element("span", zh ? item.zh : item.en), element("small", zh ? item.kind_zh : item.kind_en));
    const row = document.createElement("li");
    row.append(link);
    hits.append(row);
  }
  if (!found.length) { const none = element("li", zh ? "没有找到" : "nothing found"); none.className = "none"; hits.append(none); }
  hits.firstElementChild.classList.add("on");
}

box.addEventListener("input", search);
box.addEventListener("keydown", (event) => {
  const rows = [...hits.querySelectorAll("li")], at = rows.findIndex((each) => each.classList.contains("on"));
  if (event.key === "Enter") rows[at]?.querySelector("a")?.click();
  if (event.key === "Escape") { box.value = ""; search(); }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  event.preventDefault();
  const to = rows[at + (event.key === "ArrowDown" ? 1 : -1)];
  if (to) { rows[at].classList.remove("on"); to.classList.add("on"); to.scrollIntoView({ block: "nearest" }); }
});
document.addEventListener("click", (event) => { if (!event.target.closest(".search")) hits.hidden = true; });
document.addEventListener("keydown", (event) => { if (event.key === "/" && document.activeElement !== box) { event.preventDefault(); box.focus(); } });
root.dataset.ready = "yes";
