/** Outlines as SVG's path data: into absolute moves, lines and curves, which canvas, SVG and PDF all draw. */

const TOKEN = /[a-zA-Z]|[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/g;
const POINTS = { M: 1, L: 1, C: 3 };
const hundredth = (value) => Math.round(value * 100) / 100;

/**
 * @param {string} data  path data of M, L, H, V, C and Z, capital or not
 * @param {(x: number, y: number) => [number, number]} [place] where a point comes to lie
 * @returns {string} of M, L, C and Z in capitals, numbers to a hundredth
 * @throws {Error} at any other command
 */
export function absoluteOutline(data, place = (x, y) => [x, y]) {
  const tokens = data.match(TOKEN) ?? [];
  const made = [];
  let [x, y, at, command] = [0, 0, 0, "M"];
  let start = [0, 0];
  const next = () => Number(tokens[at++]);
  while (at < tokens.length) {
    if (/[a-zA-Z]/.test(tokens[at])) command = tokens[at++];
    // More points after a move are lines.
    else if (command === "M") command = "L";
    else if (command === "m") command = "l";
    const kind = command.toUpperCase();
    const [fromX, fromY] = command === kind ? [0, 0] : [x, y];
    if (kind === "Z") {
      made.push("Z");
      [x, y] = start;
      continue;
    }
    const points = [];
    if (kind === "H") points.push([fromX + next(), y]);
    else if (kind === "V") points.push([x, fromY + next()]);
    else if (POINTS[kind]) for (let i = 0; i < POINTS[kind]; i++) points.push([fromX + next(), fromY + next()]);
    else throw new Error(`an outline has ${command}; expected M, L, H, V, C or Z`);
    [x, y] = points.at(-1);
    if (kind === "M") start = [x, y];
    made.push(`${POINTS[kind] ? kind : "L"}${points.map(([x, y]) => place(x, y).map(hundredth).join(" ")).join(" ")}`);
  }
  return made.join("");
}
