/* Layer switch and legend in one, and the strip of what must be said. */
"use strict";

patrolmap.panel = (() => {
  const { element, isNarrow } = patrolmap;
  const { signElement } = patrolmap.shapes;

  function swatchElement(swatch, styles) {
    const holder = element("span", "pm-swatch");
    if (swatch.look === "dot") {
      const dot = element("span", "pm-dot");
      dot.style.background = styles[swatch.style].fillColor;
      holder.append(dot);
    } else if (!swatch.icon) {
      const box = element("span", `pm-box pm-box-${swatch.look}`);
      if (swatch.colour) box.style.setProperty("--colour", swatch.colour);
      holder.append(box);
    } else {
      holder.append(signElement(swatch));
    }
    return holder;
  }

  function switchElement(map, overlay, layer, styles) {
    const row = element("label", `pm-row pm-${overlay.swatch.look}-row`);
    const box = element("input");
    box.type = "checkbox";
    box.checked = overlay.shown;
    box.addEventListener("change", () => {
      if (box.checked) map.addLayer(layer);
      else map.removeLayer(layer);
      map.fire("patrolmap:switched", { name: overlay.name, on: box.checked });
    });
    row.append(box, swatchElement(overlay.swatch, styles), element("span", "pm-name", overlay.name));
    if (overlay.detail) row.append(element("span", "pm-detail", overlay.detail));
    return row;
  }

  /* One box for a whole group; half on is shown as neither. */
  function addGroupSwitch(set, words) {
    const boxes = [...set.querySelectorAll(".pm-route-row input")];
    if (boxes.length < 2) return;
    const row = element("label", "pm-row pm-all");
    const all = element("input");
    all.type = "checkbox";
    const show = () => {
      const on = boxes.filter((box) => box.checked).length;
      all.checked = on === boxes.length;
      all.indeterminate = on > 0 && on < boxes.length;
    };
    all.addEventListener("change", () => {
      for (const box of boxes.filter((each) => each.checked !== all.checked)) box.click();
    });
    for (const box of boxes) box.addEventListener("change", show);
    show();
    row.append(all, element("span"), element("span", "pm-name", words));
    set.querySelector("legend").after(row);
  }

  function stepsElement(steps) {
    const list = element("ul", "pm-steps");
    for (const [colour, words] of steps) {
      const line = element("li");
      const box = element("span", "pm-box");
      box.style.background = colour;
      line.append(box, element("span", "", words));
      list.append(line);
    }
    return list;
  }

  /* What line and outline styles mean, as far as they are on this map. */
  function keyElement(data) {
    const items = data.overlays.flatMap((overlay) => overlay.items);
    const list = element("ul", "pm-key");
    for (const style of ["travel", "beat", "connector"]) {
      if (items.some((item) => item.style === style)) {
        list.append(keyLine(lineSample(data.styles[style]), data.words[style]));
      }
    }
    if (items.some((item) => item.guessed)) {
      list.append(keyLine(element("span", "pm-box pm-box-guessed"), data.words.guessed));
    }
    return list;
  }

  function keyLine(sample, words) {
    const line = element("li");
    line.append(sample, element("span", "", words));
    return line;
  }

  function lineSample({ weight, dashArray }) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("width", "28");
    svg.setAttribute("height", "8");
    const path = document.createElementNS(svg.namespaceURI, "path");
    path.setAttribute("d", "M2 4H26");
    path.setAttribute("stroke", "currentColor");
    path.setAttribute("stroke-width", weight);
    path.setAttribute("stroke-linecap", "round");
    if (dashArray) path.setAttribute("stroke-dasharray", dashArray);
    svg.append(path);
    return svg;
  }

  function panelElement(map, data, layers) {
    const panel = element("details", "pm-panel");
    panel.open = !isNarrow(map);
    const heading = element("summary");
    heading.append(
      element("strong", "", data.title), element("span", "pm-hint", data.words.legend),
    );
    panel.append(heading);
    const groups = [...new Set(data.overlays.map((overlay) => overlay.group))];
    for (const group of groups) {
      const set = element("fieldset");
      set.append(element("legend", "", group));
      data.overlays.forEach((overlay, at) => {
        if (overlay.group !== group) return;
        set.append(switchElement(map, overlay, layers[at], data.styles));
        if (overlay.steps.length) set.append(stepsElement(overlay.steps));
      });
      addGroupSwitch(set, data.words.all);
      panel.append(set);
    }
    const key = keyElement(data);
    if (key.children.length) panel.append(key);
    return panel;
  }

  function addPanel(map, data, layers) {
    const control = L.control({ position: "topright" });
    control.onAdd = () => {
      const panel = panelElement(map, data, layers);
      L.DomEvent.disableClickPropagation(panel);
      L.DomEvent.disableScrollPropagation(panel);
      return panel;
    };
    control.addTo(map);
    return control.getContainer();
  }

  function addCaveats(map, caveats) {
    if (!caveats.length) return;
    const strip = element("footer", "pm-caveats");
    for (const words of caveats) strip.append(element("span", "", words));
    map.getContainer().after(strip);
    map.invalidateSize();
  }

  return { addPanel, addCaveats };
})();
