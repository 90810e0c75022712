/**
 * The parts that the locus page is made of, one a line, in the order in which they are told of a new state. What a part may
 * do is said in page.js. Modules that only declare fields or kinds of rows are imported for that.
 */
import "./head.js";
import "./rows.js";
import "./saliencyrow.js";
import { addExport } from "./export.js";
import { addFoldChip } from "./foldchip.js";
import { addHelp } from "./help.js";
import { addModes } from "./modes.js";
import { addMoving } from "./moving.js";
import { addOrder } from "./order.js";
import { addOwnData } from "./owndata.js";
import { addMutagenesisPanel } from "./panel.js";
import { addTrackPicker } from "./picker.js";
import { addRegions } from "./regions.js";
import { addRowMenu } from "./rowmenu.js";
import { addSaliency } from "./saliency.js";
import { addLocusBox } from "./search.js";
import { addValues } from "./values.js";

/** @type {((page: import("./page.js").LocusPage) => void)[]} */
export const PARTS = [
  addMoving,
  addLocusBox,
  addTrackPicker,
  addOwnData,
  addModes,
  addOrder,
  addRowMenu,
  addRegions,
  addFoldChip,
  addSaliency,
  addMutagenesisPanel,
  addValues,
  addExport,
  addHelp,
];
