"use strict";
/* The areas that the report states, worked out again from the witnesses it carries, by whoever reads it. */
(() => {
  const data = JSON.parse(document.getElementById("witnesses").textContent);
  const count = { same: 0, differs: 0 };

  function close(a, b, room) {
    return Math.abs(a - b) <= 1e-6 * Math.abs(b) + 0.01 + room;
  }

  /* The area as it stands in the table, m², and half of its last digit. */
  function printed(cell, size) {
    const text = cell.closest("td").querySelector(".stated").textContent.replace(/,/g, "").trim().split(/\s/)[0];
    const decimals = (text.split(".")[1] || "").length;
    return [Number(text) * size, size * 0.5 * 10 ** -decimals];
  }

  function again(cell) {
    const each = data.witnesses[Number(cell.dataset.witness)];
    const own = LantuAreas.area(data.plane, each.shape);
    const [value, room] = printed(cell, each.size);
    const both = each.one ? LantuAreas.shared(data.plane, each.one, each.other) : own;
    return { own, both, same: close(own, each.m2, 0) && close(both, each.m2, 0) && close(value, own, room) };
  }

  function tell(cell) {
    let found = { own: NaN, both: NaN, same: false };
    try {
      found = again(cell);
    } catch (fault) {
      if (!(fault instanceof TypeError)) throw fault; // a witness that is not whole is not the same
    }
    count[found.same ? "same" : "differs"] += 1;
    cell.className = found.same ? "good" : "bad";
    cell.textContent = found.same ? data.words.same : data.words.differs;
    cell.title = `${found.own.toFixed(3)} m²`;
  }

  function tally() {
    const said = document.getElementById("again");
    said.textContent = data.words.tally.replace("{same}", count.same).replace("{differs}", count.differs);
    said.className = count.differs ? "bad" : "good";
    document.documentElement.dataset.ready = "yes";
  }

  const left = [...document.querySelectorAll("[data-witness]")].reverse();

  /* Some of them, for so many milliseconds: the page is shown and can be read meanwhile. */
  function work(most) {
    const end = performance.now() + most;
    while (left.length && performance.now() < end) tell(left.pop());
    if (left.length) setTimeout(work, 0, 30);
    else if (!document.documentElement.dataset.ready) tally();
  }

  addEventListener("beforeprint", () => work(Infinity));
  addEventListener("load", () => setTimeout(work, 0, 30));
})();
