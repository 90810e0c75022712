/**
 * Colours of the view: one dark/light pair an assay (dark: experiment, light: prediction), chosen after Okabe and Ito
 * so that neighbours differ for every common kind of colour vision; the four bases; the folds.
 */

/** @typedef {{dark: string, light: string, darkFaint: string, lightFaint: string}} TrackColours */

export const ASSAY_PAIRS = [
  ["#0b5c97", "#86bce2"],
  ["#b0530c", "#f0b47c"],
  ["#0a7757", "#7fcbb0"],
  ["#8b3a75", "#dca0c8"],
  ["#84690a", "#dfc45c"],
  ["#414f96", "#a9b4e4"],
  ["#7c3d2d", "#d9a797"],
  ["#47535f", "#b3bec9"],
];

export const INK = "#1d2733";
export const MUTED = "#5b6875"; // 5.6 : 1 on white
export const RULE = "#e3e8ee";
export const POSITIVE = "#0067a8";
export const NEGATIVE = "#cc4d00";
export const NO_DATA = { ground: "#f3f4f6", stripe: "#d7dbe0" };
export const PENDING = "#edf1f5";
export const CONTEXT = "#eaf3fb";
export const TARGET = "#1d2733";
export const GENE = "#2f4a63";
export const BASES = { A: "#00805d", C: "#0067a8", G: "#b57800", T: "#cc4d00", N: "#8a95a1" };
export const FOLDS = {
  train: { fill: "#d9e0e8", ink: "#44515e", says: "The model was trained on this region, so its r here flatters it." },
  valid: {
    fill: "#f3d58c",
    ink: "#6b4e00",
    says: "Validation: training stopped when the error here stopped falling; not trained on, but not blind either.",
  },
  test: { fill: "#c3b0ea", ink: "#4b2f92", says: "Test: the model never saw this region. Its r here is an honest one." },
};

/** Mix a "#rrggbb" colour with white; share 0 keeps it, 1 is white. */
export function tint(colour, share) {
  const mixed = [1, 3, 5].map((at) => {
    const channel = parseInt(colour.slice(at, at + 2), 16);
    return Math.round(channel + (255 - channel) * share)
      .toString(16)
      .padStart(2, "0");
  });
  return `#${mixed.join("")}`;
}

/**
 * Colours of every track, by assay in the order in which assays appear.
 * @param {{id: string, assay: string}[]} tracks
 * @returns {Map<string, TrackColours>}
 */
export function trackColours(tracks) {
  const assays = new Map([...new Set(tracks.map((track) => track.assay))].map((assay, number) => [assay, number]));
  return new Map(
    tracks.map((track) => {
      const [dark, light] = ASSAY_PAIRS[assays.get(track.assay) % ASSAY_PAIRS.length];
      return [track.id, { dark, light, darkFaint: tint(dark, 0.52), lightFaint: tint(light, 0.5) }];
    }),
  );
}
