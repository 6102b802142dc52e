// Between longitude and latitude and a Gauss–Krüger plane of CGCS2000, by Krüger's series; and the plan's own plane.
(function (Lantu) {
  "use strict";

  const A = 6378137, F = 1 / 298.257222101, E = Math.sqrt(F * (2 - F)), N = F / (2 - F), RADIAN = Math.PI / 180;
  const RADIUS = (A / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64);
  // Krüger's series to the fourth power of N: right to micrometres beside the meridian.
  const FORTH = [N / 2 - (2 / 3) * N ** 2 + (5 / 16) * N ** 3 + (41 / 180) * N ** 4, (13 / 48) * N ** 2 - (3 / 5) * N ** 3 + (557 / 1440) * N ** 4,
    (61 / 240) * N ** 3 - (103 / 140) * N ** 4, (49561 / 161280) * N ** 4];
  const BACK = [N / 2 - (2 / 3) * N ** 2 + (37 / 96) * N ** 3 - N ** 4 / 360, N ** 2 / 48 + N ** 3 / 15 - (437 / 1440) * N ** 4,
    (17 / 480) * N ** 3 - (37 / 840) * N ** 4, (4397 / 161280) * N ** 4];

  // Metres east of the meridian and north of the equator.
  function toGrid(lon, lat, meridian) {
    const phi = lat * RADIAN, lambda = (lon - meridian) * RADIAN;
    const t = Math.sinh(Math.atanh(Math.sin(phi)) - E * Math.atanh(E * Math.sin(phi)));
    const xi = Math.atan2(t, Math.cos(lambda)), eta = Math.asinh(Math.sin(lambda) / Math.hypot(t, Math.cos(lambda)));
    let [x, y] = [eta, xi];
    FORTH.forEach((each, n) => {
      const k = 2 * (n + 1);
      y += each * Math.sin(k * xi) * Math.cosh(k * eta);
      x += each * Math.cos(k * xi) * Math.sinh(k * eta);
    });
    return [x * RADIUS, y * RADIUS];
  }

  // Longitude and latitude in degrees.
  function fromGrid(east, north, meridian) {
    let [xi, eta] = [north / RADIUS, east / RADIUS];
    const [xi0, eta0] = [xi, eta];
    BACK.forEach((each, n) => {
      const k = 2 * (n + 1);
      xi -= each * Math.sin(k * xi0) * Math.cosh(k * eta0);
      eta -= each * Math.cos(k * xi0) * Math.sinh(k * eta0);
    });
    const q = Math.atanh(Math.sin(xi) / Math.cosh(eta));
    let phi = Math.asin(Math.tanh(q));
    for (let n = 0; n < 7; n++) phi = Math.asin(Math.tanh(q + E * Math.atanh(E * Math.sin(phi))));
    return [meridian + Math.atan2(Math.sinh(eta), Math.cos(xi)) / RADIAN, phi / RADIAN];
  }

  const plane = () => Lantu.siting.plane;
  const ownPlace = ([east, north]) => [east + plane().east, north + plane().north];

  Lantu.grid = { plane, toGrid, fromGrid, ownPlace };
  Lantu.toPlane = (lon, lat) => ownPlace(toGrid(lon, lat, plane().meridian));
  Lantu.fromPlane = (x, y) => fromGrid(x - plane().east, y - plane().north, plane().meridian);
})(window.Lantu);
