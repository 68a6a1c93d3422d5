/* The ways of the crews, beside one another and with their direction. */
"use strict";

patrolmap.routes = (() => {
  const LOOK = { pane: "routes", interactive: false, lineCap: "round" };
  const ARROW_EVERY_PX = 90;

  /* Lines keep to the right of their streets, each crew a little further out, so that ways
     there and back, and crews on one street, stay side by side. */
  const RoutesLayer = L.LayerGroup.extend({
    initialize(items, styles, rank) {
      L.LayerGroup.prototype.initialize.call(this);
      this.items = items;
      this.styles = styles;
      this.rank = rank % 4;
    },
    onAdd(map) {
      map.on("zoomend", this.redraw, this);
      this.redraw();
      L.LayerGroup.prototype.onAdd.call(this, map);
    },
    onRemove(map) {
      map.off("zoomend", this.redraw, this);
      L.LayerGroup.prototype.onRemove.call(this, map);
    },
    redraw() {
      const map = this._map;
      const onMap = (points) => points.map((point) => map.layerPointToLatLng(point));
      const ways = this.items.map((item) => ({ item, points: this.points(item) }));
      const add = (lines, style) => L.polyline(lines, { ...LOOK, ...style }).addTo(this);
      this.clearLayers();
      for (const { item, points } of ways) {
        const weight = this.styles[item.style].weight + 3;
        add(onMap(points), { color: "#fff", weight, opacity: 0.75 });
      }
      for (const { item, points } of ways) {
        add(onMap(points), { ...this.styles[item.style], color: item.colour });
      }
      const travels = ways.filter(({ item }) => item.style === "travel");
      const heads = travels.flatMap(({ points }) => arrowheads(points)).map(onMap);
      add(heads, { color: "#fff", weight: 6, opacity: 0.9 });
      add(heads, { color: this.items[0].colour, weight: 3, opacity: 1 });
    },
    points({ path, style }) {
      const zoom = this._map.getZoom();
      const asidePx = (4.5 + 3.5 * this.rank) * Math.min(1, Math.max(0.4, (zoom - 13) / 3));
      const points = path.map((at) => this._map.latLngToLayerPoint(at));
      return aside(points, style === "connector" ? 0 : asidePx);
    },
  });

  function aside(points, distance) {
    const line = L.LineUtil.simplify(points, 1.2);
    if (!distance || line.length < 2) return line;
    const normals = line.slice(1).map((point, at) => {
      const way = point.subtract(line[at]);
      const length = Math.hypot(way.x, way.y) || 1;
      return L.point(-way.y / length, way.x / length); // y grows downwards: this is the right hand
    });
    return line.flatMap((point, at) => {
      const before = normals[Math.max(0, at - 1)];
      const after = normals[Math.min(normals.length - 1, at)];
      const sum = before.add(after);
      const length = Math.hypot(sum.x, sum.y);
      // Where the way turns sharply back, its two sides end beside each other.
      if (length < 1) return [before, after].map((side) => point.add(side.multiplyBy(distance)));
      return [point.add(sum.multiplyBy(distance / length))];
    });
  }

  function arrowheads(points) {
    const heads = [];
    let left = ARROW_EVERY_PX / 2;
    for (let at = 1; at < points.length; at += 1) {
      const [from, to] = [points[at - 1], points[at]];
      const length = from.distanceTo(to);
      const way = to.subtract(from).divideBy(length || 1);
      for (; left <= length; left += ARROW_EVERY_PX) {
        const tip = from.add(way.multiplyBy(left));
        const back = tip.subtract(way.multiplyBy(6));
        const across = L.point(-way.y * 5, way.x * 5);
        heads.push([back.add(across), tip, back.subtract(across)]);
      }
      left -= length;
    }
    return heads;
  }

  return { RoutesLayer };
})();
