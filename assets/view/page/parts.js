/**
 * The parts that the locus page is made of, one a line, in the order in which they are told of a new state. What a part may
 * do is said in page.js. Modules that only declare fields or kinds of rows are imported for that.
 */
import "../rows/codons.js";
import "../rows/headrows.js";
import "../rows/trackrows.js";
import "../rows/contrastrows.js";
import "../rows/saliencyrow.js";
import { addAlleles } from "../rows/allelerows.js";
import { addBaseMenu } from "../panels/basemenu.js";
import { addClickHint } from "./clickhint.js";
import { addCrosshair } from "./crosshair.js";
import { addExport } from "../export/exportmenu.js";
import { addFiles } from "../export/filesdialog.js";
import { addFigures } from "../draw/plotlytheme.js";
import { addFoldChip } from "./foldchip.js";
import { addGeneCard } from "../panels/genecard.js";
import { addGenomeRun } from "./genomerun.js";
import { addHelp } from "./helpsheet.js";
import { addIdeogram } from "../rows/ideogram.js";
import { addModes } from "./modes.js";
import { addMeasured } from "../measured/measuredrow.js";
import { addMoving } from "./pankeys.js";
import { addOrder } from "../rows/roworder.js";
import { addOwnData } from "./uploadspanel.js";
import { addMutagenesisPanel } from "../panels/mutagenesispanel.js";
import { addPanelSize } from "../panels/panelsize.js";
import { addPaper } from "../export/printdialog.js";
import { addTrackPicker } from "./trackpicker.js";
import { addRegions } from "../places/regions.js";
import { addRowMenu } from "../rows/rowmenu.js";
import { addSaliency } from "../data/saliency.js";
import { addLocusBox } from "../places/locusbox.js";
import { addStepping } from "../places/stepkeys.js";
import { addEmptyState } from "../../ui/emptystate.js";
import { addTheme } from "../../ui/theme.js";
import { addTour } from "./tour.js";
import { addTravel } from "../places/navigation.js";
import { addValues } from "../export/valuestable.js";
import { addVariantCard } from "../panels/variantcard.js";
import { addWayfinding } from "../places/placesmenu.js";

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
  addMeasured,
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
