// Runs on the page of tests/clients/pages.py: starts the browsers of others and says what they have drawn.

/** How many pixels of a canvas bear a colour. */
function coloured(canvas) {
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let count = 0;
  for (let at = 0; at < pixels.length; at += 4) if (pixels[at + 3] && Math.min(pixels[at], pixels[at + 1], pixels[at + 2]) < 200) count += 1;
  return count;
}

const featuresOf = ({ viewports: [viewport] }) => viewport.featureCache?.features ?? viewport.cachedFeatures ?? [];

/** Open a session in igv.js; for each row of data, what is in view. */
globalThis.igvRows = async (session) => {
  const host = document.getElementById("others");
  host.replaceChildren();
  const browser = await igv.createBrowser(host, session);
  globalThis.igvBrowser = browser;
  const rows = browser.trackViews.filter(({ track }) => ["wig", "variant", "annotation"].includes(track.type));
  return rows.map((row) => {
    const features = featuresOf(row);
    return {
      name: row.track.name,
      type: row.track.type,
      graph: row.track.graphType ?? null,
      count: features.length,
      most: Math.max(0, ...features.map(({ value }) => Math.abs(value))),
      coloured: coloured(row.viewports[0].canvas),
    };
  });
};

/** The tracks of a hub as igv.js lists them, and how many features the first two have in view. */
globalThis.igvHub = async ([url, genome]) => {
  const hub = await igv.loadHub(url);
  const flat = (group) => [...group.tracks, ...(group.children ?? []).flatMap(flat)];
  const tracks = (await hub.getGroupedTrackConfigurations(genome)).flatMap(flat);
  const drawn = [];
  for (const config of tracks.slice(0, 2)) {
    const track = await globalThis.igvBrowser.loadTrack(config);
    drawn.push(featuresOf(track.trackView).length);
  }
  return { names: tracks.map(({ name }) => name), urls: tracks.map(({ url }) => url), drawn };
};

/** Open a configuration in JBrowse's component. */
globalThis.startJBrowse = async ({ assemblies: [assembly], tracks, location, shown }) => {
  const { createViewState, JBrowseLinearGenomeView } = JBrowseReactLinearGenomeView;
  const state = createViewState({ assembly, tracks, location });
  globalThis.jbrowseView = state.session.view;
  ReactDOM.createRoot(document.getElementById("others")).render(React.createElement(JBrowseLinearGenomeView, { viewState: state }));
  while (!state.session.view.initialized) await new Promise(requestAnimationFrame);
  for (const id of shown) state.session.view.showTrack(id);
};

/** For each track that JBrowse shows: whether all its blocks are drawn, and what of it is coloured. */
globalThis.jbrowseRows = () =>
  globalThis.jbrowseView.tracks.map(({ configuration: { trackId }, displays: [display] }) => {
    const blocks = [...(display.blockState?.values() ?? [])];
    const container = document.querySelector(`[data-testid$="-${CSS.escape(trackId)}"][data-testid^="trackRenderingContainer"]`);
    return {
      id: trackId,
      error: String(display.error ?? ""),
      done: blocks.length > 0 && blocks.every((block) => block.filled),
      coloured: [...(container?.querySelectorAll("canvas") ?? [])].reduce((sum, canvas) => sum + coloured(canvas), 0),
    };
  });
