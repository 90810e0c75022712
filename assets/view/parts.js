/**
 * The parts that the locus page is made of, one a line, in the order in which they are told of a new state. What a part may
 * do is said in page.js. Modules that only declare fields or kinds of rows are imported for that.
 */
import "./codons.js";
import "./head.js";
import "./rows.js";
import "./saliencyrow.js";
import { addAlleles } from "./allelerows.js";
import { addBaseMenu } from "./basemenu.js";
import { addClickHint } from "./clickhint.js";
import { addCrosshair } from "./crosshair.js";
import { addExport } from "./export.js";
import { addFiles } from "./files.js";
import { addFigures } from "./figures.js";
import { addFoldChip } from "./foldchip.js";
import { addGeneCard } from "./genecard.js";
import { addGenomeRun } from "./genomerun.js";
import { addHelp } from "./help.js";
import { addIdeogram } from "./ideogram.js";
import { addModes } from "./modes.js";
import { addMoving } from "./moving.js";
import { addOrder } from "./order.js";
import { addOwnData } from "./owndata.js";
import { addMutagenesisPanel } from "./panel.js";
import { addPanelSize } from "./panelsize.js";
import { addPaper } from "./paper.js";
import { addTrackPicker } from "./picker.js";
import { addRegions } from "./regions.js";
import { addRowMenu } from "./rowmenu.js";
import { addSaliency } from "./saliency.js";
import { addLocusBox } from "./search.js";
import { addStepping } from "./stepping.js";
import { addEmptyState } from "./states.js";
import { addTheme } from "./theme.js";
import { addTour } from "./tour.js";
import { addTravel } from "./travel.js";
import { addValues } from "./values.js";
import { addVariantCard } from "./variantcard.js";
import { addWayfinding } from "./wayfinding.js";

/** @type {((page: import("./page.js").LocusPage) => void)[]} */
export const PARTS = [
  addTheme,
  addMoving,
  addIdeogram,
  addTravel,
  addLocusBox,
  addStepping,
  addWayfinding,
  addTrackPicker,
  addOwnData,
  addModes,
  addOrder,
  addRowMenu,
  addRegions,
  addCrosshair,
  addFoldChip,
  addEmptyState,
  addSaliency,
  addClickHint,
  addAlleles,
  addBaseMenu,
  addGeneCard,
  addMutagenesisPanel,
  addVariantCard,
  addPanelSize,
  addValues,
  addExport,
  addFiles,
  addFigures,
  addPaper,
  addGenomeRun,
  addHelp,
  addTour,
];
