/* Areas, dots, signs and names, and what a click on one tells. */
"use strict";

patrolmap.shapes = (() => {
  const { element } = patrolmap;

  function cardElement(card) {
    const box = element("div", "pm-card");
    box.append(element("h3", "", card.title));
    if (card.mark) box.append(element("p", "pm-mark", card.mark));
    const list = element("dl");
    for (const [key, value] of card.rows) list.append(element("dt", "", key), element("dd", "", value));
    if (card.rows.length) box.append(list);
    return box;
  }

  function shapeStyle(styles, item) {
    const dashed = item.guessed ? { dashArray: "5 4" } : {};
    return { ...styles[item.style], ...dashed };
  }

  function signElement(swatch) {
    const sign = element("span", `pm-sign pm-${swatch.look.replace(" ", " pm-")}`, swatch.text);
    if (swatch.guessed) sign.classList.add("pm-guessed");
    if (swatch.colour) sign.style.setProperty("--colour", swatch.colour);
    if (swatch.slot) sign.style.setProperty("--slot", swatch.slot);
    if (swatch.prefix) sign.prepend(element("b", "pm-prefix", swatch.prefix));
    if (swatch.icon) sign.append(element("i", `fa-solid fa-${swatch.icon}`));
    return sign;
  }

  const MAKERS = {
    area: (item, styles) => L.polygon(item.rings, shapeStyle(styles, item)),
    way: (item, styles) => L.polyline(item.path, styles[item.style]),
    dot: (item, styles) => L.circleMarker(item.at, shapeStyle(styles, item)),
    pin: (item) => L.marker(item.at, {
      title: item.tip || item.card.title,
      riseOnHover: true,
      icon: L.divIcon({ className: "pm-pin", html: signElement(item), iconSize: [0, 0] }),
    }),
    label: (item) => L.marker(item.at, {
      interactive: false, keyboard: false, pane: "labels",
      icon: L.divIcon({
        className: "pm-label", html: element("span", "", item.text), iconSize: [0, 0],
      }),
    }),
  };

  function shapesLayer(overlay, styles) {
    const group = L.featureGroup();
    for (const item of overlay.items) {
      if (!(item.shape in MAKERS)) continue;
      const layer = MAKERS[item.shape](item, styles);
      layer.item = item;
      layer.addTo(group);
    }
    group.bindPopup(({ item }) => cardElement(item.card), { maxWidth: 300, offset: [0, -4] });
    if (overlay.items.some((item) => item.tip && item.shape !== "pin")) {
      const words = ({ item }) => element("span", "", item.tip || item.card.title);
      group.bindTooltip(words, { sticky: true });
    }
    return group;
  }

  return { signElement, shapesLayer };
})();
