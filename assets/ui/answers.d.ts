// The server's answers; made by `python -m tests.app.api_docs`. Positions are 0-based, half-open.

/** An activation, in words. */
export interface ActivationKind {
  /** As files of networks have it. */
  name: string;
  /** Of x. */
  formula: string;
}

/** What the networks say of one effect, alternative minus reference. */
export interface Agreed {
  /** Of the networks. */
  mean: number;
  /** Their standard deviation. */
  deviation: number;
  /** Whether they agree with each other and with the effect. */
  known: boolean;
}

/** That the web server lives. */
export interface Alive {
  /** `ok`. */
  status: "ok";
}

/** What is asked of the server to fetch. */
export interface AskedAddress {
  /** Address of a file, below one of `allowed_urls`. */
  url: string;
}

/** A drawing to be made a PDF, in CSS pixels. */
export interface AskedPicture {
  /** Of the drawing. */
  width: number;
  /** Of the drawing. */
  height: number;
  /** As assets/view/draw/shapes.js describes the drawing list. */
  shapes: any[];
  /** Of the page. */
  width_mm?: number;
  /** Of the document. */
  title?: string;
  /** Of the document. */
  subject?: string;
}

/** What is to be scored: `text`, or `upload`. */
export interface AskedRun {
  /** For people; empty: made of what is given. */
  name: string;
  /** Variants, one a line or several between commas: places with alleles, HGVS, ids of the project's VCF, lines of a VCF. */
  text: string;
  /** Id of a VCF among the visitor's own files. */
  upload: string;
  /** Whether the networks that taught the model are asked, too. */
  members: boolean;
}

/** A read token that is to be made. */
export interface AskedToken {
  /** What for. */
  name: string;
  /** How long it holds; 30 by default, at most 365. */
  days?: number;
  /** Ids of the only tracks that it reads; all by default. */
  tracks?: string[];
}

/** A variant as VCF writes it, but for the position. */
export interface AskedVariant {
  /** Chromosome. */
  chrom: string;
  /** First base of the reference allele. */
  position: number;
  /** Reference allele. */
  ref: string;
  /** Alternative allele. */
  alt: string;
}

/** A view whose picture is to be made again. */
export interface AskedView {
  /** The parameters of its address, as they stand there. */
  state: Record<string, string>;
  /** Of the view. */
  address?: string;
}

/** The effect of a substitution on a track. */
export interface AtlasEffect {
  /** Its id. */
  track: string;
  /** Alternative minus reference, in the track's unit; null where the atlas has nothing. */
  effect: number | null;
}

/** The effects of one substitution, looked up. */
export interface AtlasEffects {
  /** Bins on either side of the base's own, over which effects are summed. */
  around: number;
  /** Strands and shifts that the atlas averages, in words; empty where it has nothing. */
  averaged: string;
  /** In the order of the atlas; none where the project has no atlas of its present model, or the atlas has not this substitution. */
  effects: AtlasEffect[];
}

/** A substitution of a large effect. */
export interface AtlasPlace {
  /** From 1, on its track. */
  rank: number;
  /** As it is asked for, 1-based. */
  variant: string;
  /** Chromosome. */
  chrom: string;
  /** Its base. */
  position: number;
  /** Bases. */
  ref: string;
  /** Bases. */
  alt: string;
  /** Alternative minus reference, in the track's unit. */
  effect: number;
  /** That with the nearest start; may be empty. */
  gene: string;
  /** Bases from that start, downstream positive; null without a gene. */
  distance: number | null;
}

/** Where one base matters most on a track. */
export interface AtlasPlaces {
  /** Those of the atlas; none without one. */
  tracks: string[];
  /** That of the places. */
  track: string;
  /** As of `AtlasEffects`. */
  around: number;
  /** As of `AtlasEffects`. */
  averaged: string;
  /** Whether the atlas is of the model that the project has now. */
  is_present: boolean;
  /** Whether all of it is made. */
  is_complete: boolean;
  /** Places in the list of the track. */
  total: number;
  /** The largest effect first; of places within 32 bases only the largest. */
  places: AtlasPlace[];
}

/** Bases of a window. */
export interface Bases {
  /** Chromosome. */
  chrom: string;
  /** The window. */
  start: number;
  /** The window. */
  end: number;
  /** In upper case. */
  sequence: string;
}

/** A kind of block, in words. */
export interface BlockKind {
  /** As files of networks have it. */
  name: string;
  /** What it does. */
  words: string;
  /** What is set of one. */
  settings: string[];
}

/** What became of the wish to give a computation up. */
export interface Cancelled {
  /** Whether there was one that the same browser waited for. */
  cancelled: boolean;
}

/** One thing that is known of how an experiment was made. */
export interface CardLine {
  /** `made from`, `reads`, `left out`, `counted at`, `normalised`, ... */
  what: string;
  /** Of it, for a person. */
  words: string;
}

/** A curve of a card. */
export interface CardPicture {
  /** `GC` or `fragments`. */
  what: string;
  /** On white paper, with its title and axes. */
  svg: string;
}

/** A chromosome. */
export interface Chromosome {
  /** As the FASTA has it. */
  name: string;
  /** Bases. */
  length: number;
  /** `train`, `valid`, `test`, `mixed` or empty. */
  fold: string;
  /** Other names that mean it and no other, in lower case. */
  aliases: string[];
}

/** A line for a shell. */
export interface Command {
  /** What it makes. */
  title: string;
  /** The command. */
  line: string;
}

/** A place where two tracks differ. */
export interface ContrastPlace {
  /** What it is called. */
  label: string;
  /** What else is to be said of it, for people; may be empty. */
  detail: string;
  /** Chromosome. */
  chrom: string;
  /** First base. */
  start: number;
  /** The base after its last. */
  end: number;
  /** What it is. */
  kind: "region" | "chromosome" | "position" | "gene" | "variant" | "haplotype" | "peak" | "disagreement" | "contrast";
  /** Of a variant or haplotype: as `chrIV:1234:A:G+chrIV:1300:CT:C`, 1-based. */
  variant?: string;
  /** Its place in the list, from 1. */
  rank: number;
  /** Which two. */
  track: string;
  /** Which two. */
  other: string;
  /** Of the place. */
  fold: string;
  /** Sums over the place's bins; means of tracks of means. */
  experiment: number;
  /** Sums over the place's bins; means of tracks of means. */
  other_experiment: number;
  /** The same, predicted. */
  prediction: number;
  /** The same, predicted. */
  other_prediction: number;
  /** log2((track + 1) / (other + 1)). */
  measured: number;
  /** log2((track + 1) / (other + 1)). */
  predicted: number;
  /** What adds most to the difference, as the model has it; empty where nothing was named. */
  motif: string;
  /** Its id. */
  matrix: string;
  /** Of the match; null where nothing was named. */
  q_value: number | null;
  /** `effects` where the contributions look like the motif, `sequence` where only bases match. */
  by: string;
  /** Its bases; both 0 where nothing was named. */
  motif_start: number;
  /** Its bases; both 0 where nothing was named. */
  motif_end: number;
  /** What the motif's bases add to `predicted`; null where nothing was named. */
  effect: number | null;
}

/** Where two tracks differ most. */
export interface ContrastPlaces {
  /** The largest difference first. */
  places: ContrastPlace[];
  /** Of which two tracks, "A/B"; empty where there is no list. */
  contrast: string;
  /** All that there are lists of. */
  contrasts: string[];
  /** What was ranked, in words. */
  ranked: string;
  /** Those that the list has places of. */
  folds: string[];
  /** That there is no list yet, or that it is of an earlier model. */
  note?: string;
}

/** What a table of scored variants is of. */
export interface DescribedTable {
  /** As it was asked for. */
  id: string;
  /** Of the list or file. */
  name: string;
  /** How many. */
  alleles: number;
  /** Those it has. */
  scores: VariantScore[];
  /** Ids. */
  tracks: string[];
  /** Networks that were asked; 0: none. */
  members: number;
  /** Scores that are ranked among nulls. */
  percentiles_of: string[];
  /** Whether it is of the model that the project has now. */
  is_present: boolean;
  /** What predictions were averaged over, in words. */
  averaged: string;
}

/** A place where prediction and experiment differ. */
export interface Disagreement {
  /** What it is called. */
  label: string;
  /** What else is to be said of it, for people; may be empty. */
  detail: string;
  /** Chromosome. */
  chrom: string;
  /** First base. */
  start: number;
  /** The base after its last. */
  end: number;
  /** What it is. */
  kind: "region" | "chromosome" | "position" | "gene" | "variant" | "haplotype" | "peak" | "disagreement" | "contrast";
  /** Of a variant or haplotype: as `chrIV:1234:A:G+chrIV:1300:CT:C`, 1-based. */
  variant?: string;
  /** Its place in the list, from 1. */
  rank: number;
  /** Where they differ most. */
  track: string;
  /** Other tracks that differ there in the same direction. */
  also: string[];
  /** Of the place. */
  fold: string;
  /** Mean a bin. */
  experiment: number;
  /** Mean a bin. */
  prediction: number;
  /** Of prediction to experiment. */
  log2_ratio: number;
  /** In units of the track's usual one. */
  deviation: number;
}

/** Where prediction and experiment differ most. */
export interface Disagreements {
  /** The largest deviation first. */
  places: Disagreement[];
  /** Those that the list has places of. */
  folds: string[];
  /** That there is no list yet, or that it is of an earlier model. */
  note?: string;
}

/** Where a project shows best what it does. */
export interface Example {
  /** Null before there are predictions in files. */
  place: ExamplePlace | null;
  /** Why there is none. */
  note?: string;
}

/** The place where a project shows best what it does. */
export interface ExamplePlace {
  /** What it is called. */
  label: string;
  /** What else is to be said of it, for people; may be empty. */
  detail: string;
  /** Chromosome. */
  chrom: string;
  /** First base. */
  start: number;
  /** The base after its last. */
  end: number;
  /** What it is. */
  kind: "region" | "chromosome" | "position" | "gene" | "variant" | "haplotype" | "peak" | "disagreement" | "contrast";
  /** Of a variant or haplotype: as `chrIV:1234:A:G+chrIV:1300:CT:C`, 1-based. */
  variant?: string;
  /** The gene's start, or the middle of the highest bin. */
  position: number;
  /** Which track shows it. */
  track: string;
  /** The held-out fold that it lies in; empty where none is held out. */
  fold: string;
}

/** A line of a BED or VCF; what it does not say is left out. */
export interface Feature {
  /** Its bases. */
  start: number;
  /** Its bases. */
  end: number;
  /** Or the id of a variant. */
  name?: string;
  /** Of a BED; null where it is no finite number. */
  score?: number;
  /** Of a BED. */
  strand?: string;
  /** Of a BED, as red,green,blue. */
  color?: string;
  /** Of a BED12. */
  blocks?: [number, number][];
  /** Of a narrowPeak. */
  summit?: number;
  /** Alleles of a VCF. */
  ref?: string;
  /** Alleles of a VCF. */
  alt?: string;
  /** Why the model cannot be asked about a variant. */
  problem?: string;
}

/** Features that touch a window, or, where they are too many to draw, how many are where. */
export interface Features {
  /** Of the file. */
  kind: "bed" | "vcf";
  /** How many touch the window. */
  total: number;
  /** Up to 2,000. */
  features?: Feature[];
  /** Of more: starts a bin. */
  counts?: number[];
  /** First base of the first bin of `counts`. */
  start?: number;
  /** Bases of such a bin. */
  bin_bp?: number;
}

/** A stretch of a chromosome that is of one fold. */
export interface FoldStretch {
  /** Chromosome. */
  chrom: string;
  /** The stretch. */
  start: number;
  /** The stretch. */
  end: number;
  /** `train`, `valid` or `test`. */
  fold: string;
}

/** What a text may mean. */
export interface Found {
  /** The likeliest first. */
  results: Place[];
  /** Why not all could be looked at. */
  note?: string;
  /** Why what looks like a place or a variant is none of this genome. */
  problem?: string;
}

/** All there is to say of a gene. */
export interface GeneCard {
  /** As the annotation has them. */
  id: string;
  /** As the annotation has them. */
  name: string;
  /** Chromosome. */
  chrom: string;
  /** Its span. */
  start: number;
  /** Its span. */
  end: number;
  /** `+`, `-` or `.`. */
  strand: "+" | "-" | ".";
  /** As the annotation has it. */
  description: string;
  /** Other names. */
  aliases: string[];
  /** Where its transcripts begin. */
  starts: GeneStart[];
  /** Entries in public databases, by the cross-references of the annotation and by what the id looks like; the server asks none of them. */
  links: GeneLink[];
}

/** What variants do at the starts of a gene. */
export interface GeneEffect {
  /** Its id. */
  gene: string;
  /** Its name. */
  name: string;
  /** `+`, `-` or `.`. */
  strand: "+" | "-" | ".";
  /** First bases of its transcripts. */
  tss: number[];
  /** How many bins these lie in. */
  bins: number;
  /** Ten tracks: those first that measure expression on the gene's strand, of them the largest `log2`. */
  ranked: GeneTrackEffect[];
}

/** An entry on a gene in a public database. */
export interface GeneLink {
  /** Its name. */
  database: string;
  /** Of the entry. */
  id: string;
  /** Where it is. */
  url: string;
}

/** A gene that a step leads to. */
export interface GenePlace {
  /** What it is called. */
  label: string;
  /** What else is to be said of it, for people; may be empty. */
  detail: string;
  /** Chromosome. */
  chrom: string;
  /** First base. */
  start: number;
  /** The base after its last. */
  end: number;
  /** What it is. */
  kind: "region" | "chromosome" | "position" | "gene" | "variant" | "haplotype" | "peak" | "disagreement" | "contrast";
  /** Of a variant or haplotype: as `chrIV:1234:A:G+chrIV:1300:CT:C`, 1-based. */
  variant?: string;
  /** The middle of its span: ask again from there for the one after. */
  position: number;
}

/** A gene as it is drawn. */
export interface GeneShape {
  /** As the annotation has them. */
  id: string;
  /** As the annotation has them. */
  name: string;
  /** Its span. */
  start: number;
  /** Its span. */
  end: number;
  /** `+`, `-` or `.`. */
  strand: "+" | "-" | ".";
  /** First bases of its transcripts: none of a further part, across the origin of a circle or trans-spliced. */
  tss: number[];
  /** Those of all transcripts, joined. */
  exons: [number, number][];
  /** The longest coding sequence of a transcript; empty where the annotation has none. */
  coding: [number, number][];
  /** Bases at its 5' end before the first whole codon. */
  phase: number;
  /** As the annotation has it. */
  description: string;
}

/** A start of a gene. */
export interface GeneStart {
  /** The first transcribed base. */
  position: number;
  /** Ids of those that start there. */
  transcripts: string[];
}

/** What variants do to a track at the starts of a gene. */
export interface GeneTrackEffect {
  /** Its id. */
  track: string;
  /** Whether it measures expression on the gene's strand. */
  is_expression: boolean;
  /** Alternative minus reference. */
  sed: number;
  /** Of the means, the track's spread added to each; null where one is not above zero. */
  log2: number | null;
  /** Sum of the reference allele. */
  reference: number;
  /** Sum of the alternative allele. */
  alternative: number;
}

/** The genes that touch a window. */
export interface GenesHere {
  /** In order. */
  genes: GeneShape[];
}

/** How far the prediction of the whole genome is. */
export interface GenomeRun {
  /** `stopped` is an unfinished run that nobody goes on with. */
  state: "none" | "running" | "stopped" | "complete";
  /** Null unless tracks are pending. */
  progress: RunProgress | null;
  /** Tracks. */
  written: number;
  /** Tracks. */
  pending: number;
}

/** The genome of a picture. */
export interface GenomeUsed {
  /** As the project calls it. */
  name: string;
  /** Of the FASTA. */
  file: string;
  /** Of its sequences. */
  fingerprint: string;
}

/** How well a track is predicted on a fold that was held out. */
export interface HeldOut {
  /** r of values; null below 20 bins. */
  pearson: number | null;
  /** r of log(1 + value); null below 20 bins. */
  pearson_log1p: number | null;
  /** Null below 20 bins. */
  r2: number | null;
  /** `test`, where there is one. */
  fold: string | null;
  /** Bases a bin. */
  bin: number | null;
  /** Bins that it is of. */
  n_bins: number | null;
  /** The r of log(1 + value), and of values, that replicates set over the same bins; null where it is not known. */
  ceiling_log1p: number | null;
  /** The r of log(1 + value), and of values, that replicates set over the same bins; null where it is not known. */
  ceiling: number | null;
  /** What of: `replicates`, `sum of 3 replicates`, `no replicate`; null before the model was evaluated. */
  ceiling_of: string | null;
}

/** The name of a view that was kept. */
export interface KeptView {
  /** A hash of it: the same view has the same name. */
  id: string;
}

/** How much one request may ask for. */
export interface Limits {
  /** Variants of one sequence. */
  variants: number;
  /** Bases of an allele. */
  allele_bp: number;
  /** Bases of /api/v1/sequence. */
  sequence_bp: number;
  /** Tracks whose next peak is looked for. */
  peak_tracks: number;
}

/** Addresses for other genome browsers. */
export interface Links {
  /** 1-based and inclusive. */
  locus: string;
  /** Session of igv.js. */
  igv_js_session: string;
  /** Session of IGV on the desktop. */
  igv_desktop_session: string;
  /** Opens it in a running IGV. */
  igv_desktop: string;
  /** Configuration of JBrowse 2. */
  jbrowse: string;
  /** Track hub. */
  hub: string;
  /** Opens the hub at UCSC; null where that cannot reach this server. */
  ucsc: string | null;
  /** What to do then. */
  ucsc_note: string;
  /** The files of the tracks. */
  bigwigs: SharedFile[];
}

/** How windows are predicted on the spot. */
export interface Live {
  /** Bases of a stretch that is predicted as one, from the start of the chromosome. */
  stretch_bp: number;
  /** The widest window. */
  max_bp: number;
  /** What is averaged, in words. */
  ensemble: string;
}

/** What variants do to a track in the bins that they change most. */
export interface LocalEffect {
  /** These bins. */
  start: number;
  /** These bins. */
  end: number;
  /** Alternative minus reference. */
  sad: number;
  /** Of the means, the track's spread added to each; null where one is not above zero. */
  log2: number | null;
  /** Sum of the reference allele. */
  reference: number;
  /** Sum of the alternative allele. */
  alternative: number;
}

/** Who is asking. */
export interface Me {
  /** Their name; empty where nobody is asked for one. */
  person: string;
  /** How the server knows. */
  login: "none" | "passwords" | "proxy";
}

/** How predictions agree with a table of measured effects. */
export interface MeasuredAgreement {
  /** Of the table. */
  name: string;
  /** In words. */
  summary: string;
  /** Of the measurements of the window; empty where this model predicted none. */
  here: TrackAgreement[];
  /** Of all. */
  everywhere: TrackAgreement[];
  /** All pairs first; empty where nothing was measured twice. */
  repeats: Repeats[];
}

/** One measurement. */
export interface MeasuredEffect {
  /** First base of the reference allele. */
  position: number;
  /** Alleles. */
  ref: string;
  /** Alleles. */
  alt: string;
  /** As the table has it. */
  effect: number;
  /** False discovery rate; null where the table does not say. */
  q: number | null;
  /** In which it was measured; empty where the table does not say. */
  experiment: string;
  /** Of which; empty where the table does not say. */
  gene: string;
  /** For each of `tracks`; null where there is none. */
  predicted: (number | null)[];
}

/** A table of measured effects of variants. */
export interface MeasuredEffects {
  /** By which it is asked for. */
  name: string;
  /** On which it has measurements. */
  chromosomes: string[];
}

/** Measured effects of variants in a window. */
export interface MeasuredHere {
  /** By name, those without a measurement here among them. */
  tables: MeasuredTable[];
}

/** The measurements of one table in a window. */
export interface MeasuredTable {
  /** As `sighthound truth` lists it. */
  name: string;
  /** File that it was read from. */
  source: string;
  /** What the file calls the effect. */
  effect: string;
  /** Whether it says anything of significance. */
  significance: boolean;
  /** Measurements of the window. */
  total: number;
  /** Size that 99 of 100 effects of the whole table do not exceed. */
  largest: number;
  /** Whose predictions are given: of those asked for, those that this model predicted. */
  tracks: string[];
  /** What is predicted, in words; empty without tracks. */
  score: string;
  /** By place; where there are too many, the largest. */
  effects: MeasuredEffect[];
}

/** What was measured of an allele. */
export interface Measurement {
  /** Name of the table of measured effects. */
  table: string;
  /** Mean of its experiments. */
  effect: number;
}

/** What the networks say of the effect of variants on a track. */
export interface MembersOnEffect {
  /** Its id. */
  track: string;
  /** Of the SAD over the bins that the model says change most. */
  local: Agreed;
  /** Of the SAD over all bins that can change. */
  context: Agreed;
}

/** What the networks say of the effect of variants at the starts of a gene. */
export interface MembersOnGene {
  /** Its id. */
  gene: string;
  /** The first that the answer about the variants names for it. */
  track: string;
  /** Of the SED on this track. */
  sed: Agreed;
  /** Of what the bases around the variants would drive in a reporter, read in the gene's direction, in standard deviations of the measured promoters' expression; null where no start of the gene lies within 1,000 bases, and where the networks learned no promoters. */
  promoter: Agreed | null;
}

/** What the networks say of a mutagenesis. */
export interface MembersOnMutagenesis {
  /** How many networks. */
  members: number;
  /** First base that is changed. */
  start: number;
  /** As of the mutagenesis. */
  tracks: MembersOnTrack[];
}

/** What the networks say of a saliency, bin by bin. */
export interface MembersOnSaliency {
  /** How many networks. */
  members: number;
  /** First base of the first bin, as of the saliency. */
  start: number;
  /** Of the networks, a number a bin. */
  mean: (number | null)[];
  /** Their standard deviation. */
  deviation: (number | null)[];
  /** Whether they agree with each other and with the saliency. */
  known: boolean[];
}

/** What the networks say of a mutagenesis on one track. */
export interface MembersOnTrack {
  /** Its id. */
  track: string;
  /** Of the networks' effects: a row a base, columns A, C, G and T. */
  mean: ((number | null)[])[];
  /** Their standard deviation, alike. */
  deviation: ((number | null)[])[];
  /** Whether they agree, alike. */
  known: boolean[][];
  /** Whether they agree on what each base adds: minus the mean effect of its changes. */
  contributions: boolean[];
}

/** What the networks say of the effects of variants. */
export interface MembersOnVariants {
  /** How many networks. */
  members: number;
  /** All of the model, in its order. */
  tracks: MembersOnEffect[];
  /** As of the effects. */
  genes: MembersOnGene[];
}

/** Why there is no answer. */
export interface Mistake {
  /** What is wrong and what to do, in one line. */
  error: string;
}

/** The model of a picture. */
export interface ModelUsed {
  /** Of the model. */
  hash: string;
  /** What the predicted files average, and by what they were made; empty without such. */
  predictions: string;
}

/** A motif that one substitution makes or breaks. */
export interface MotifOfChange {
  /** The base. */
  position: number;
  /** What it becomes. */
  alternative: string;
  /** `gain` or `loss`. */
  kind: "gain" | "loss";
  /** Of the factor. */
  name: string;
  /** Id of the matrix. */
  motif: string;
  /** On which it reads. */
  strand: "+" | "-";
  /** Where the motif is. */
  p_value: number;
}

/** A motif that variants make or break. */
export interface MotifOfVariants {
  /** `gain` or `loss`. */
  kind: "gain" | "loss";
  /** Of the factor. */
  name: string;
  /** Id of the matrix. */
  motif: string;
  /** Where JASPAR describes it. */
  url: string;
  /** Where the site begins on the chromosome, and how wide it is. */
  start: number;
  /** Where the site begins on the chromosome, and how wide it is. */
  end: number;
  /** On which it reads. */
  strand: "+" | "-";
  /** Of the best site over the variant in the reference. */
  p_reference: number;
  /** In the alternative. */
  p_alternative: number;
}

/** Names for what a mutagenesis found. */
export interface Motifs {
  /** In order of position. */
  motifs: NamedMotif[];
  /** At most two of each substitution. */
  changes: MotifOfChange[];
}

/** What each single-base change in a region does to some tracks at one bin. */
export interface Mutagenesis {
  /** Chromosome. */
  chrom: string;
  /** First base that is changed. */
  start: number;
  /** The base after the last. */
  end: number;
  /** These bases. */
  sequence: string;
  /** The bin whose prediction is looked at. */
  target: Span;
  /** Those of `tracks=`, in this order. */
  tracks: TrackEffects[];
}

/** What each single-base change in a region does to the one track of `track=`. */
export interface MutagenesisOfTrack {
  /** Chromosome. */
  chrom: string;
  /** First base that is changed. */
  start: number;
  /** The base after the last. */
  end: number;
  /** These bases. */
  sequence: string;
  /** The bin whose prediction is looked at. */
  target: Span;
  /** Its id; "A/B" of the contrast of two tracks, log2((A + 1) / (B + 1)). */
  track: string;
  /** The prediction at the target as it is, in the track's unit; log2 of a contrast. */
  reference: number;
  /** A row a base, columns A, C, G and T: alternative minus reference; 0 at the reference base. */
  effects: ((number | null)[])[];
}

/** A motif in its place; none overlaps another. */
export interface NamedMotif {
  /** Its bases. */
  start: number;
  /** Its bases. */
  end: number;
  /** On which it reads. */
  strand: "+" | "-";
  /** Of the factor. */
  name: string;
  /** Id of the matrix. */
  motif: string;
  /** Where JASPAR describes it. */
  url: string;
  /** Of the comparison. */
  q_value: number;
  /** `effects` where the contributions look like the motif, `sequence` where only bases match. */
  by: "effects" | "sequence";
}

/** Where the changes of a region rank among random substitutions that match. */
export interface NullsOnMutagenesis {
  /** First base. */
  start: number;
  /** How many there are in all; 0 where there are none of this model. */
  nulls: number;
  /** On what. */
  matched_on: string;
  /** As asked for, without contrasts. */
  tracks: NullsOnTrack[];
}

/** Where the changes of a region rank on one track. */
export interface NullsOnTrack {
  /** Its id. */
  track: string;
  /** A row a base, columns A, C, G and T: of the size of the SAD over all bins that the change can reach, 0 to 100; null of the base that is there, and where too few nulls match. */
  percentiles: ((number | null)[])[];
}

/** A peak that a step leads to. */
export interface PeakPlace {
  /** What it is called. */
  label: string;
  /** What else is to be said of it, for people; may be empty. */
  detail: string;
  /** Chromosome. */
  chrom: string;
  /** First base. */
  start: number;
  /** The base after its last. */
  end: number;
  /** What it is. */
  kind: "region" | "chromosome" | "position" | "gene" | "variant" | "haplotype" | "peak" | "disagreement" | "contrast";
  /** Of a variant or haplotype: as `chrIV:1234:A:G+chrIV:1300:CT:C`, 1-based. */
  variant?: string;
  /** The middle of its highest bin: ask again from there for the one after. */
  position: number;
  /** Of which track. */
  track: string;
  /** Of which of its signals. */
  series: "experiment" | "prediction";
  /** Height of its highest bin, in the track's unit. */
  value: number;
}

/** How a part of the server is. */
export interface Phase {
  /** `off` is a worker that the server was started without. */
  phase: "off" | "starting" | "loading" | "ready" | "failed";
  /** The same for people. */
  message: string;
  /** Computations that the worker is at, once it runs. */
  jobs?: number;
  /** For how many of these, and of those in its queue, somebody waits. */
  waiting?: number;
}

/** A place that one can go to. */
export interface Place {
  /** What it is called. */
  label: string;
  /** What else is to be said of it, for people; may be empty. */
  detail: string;
  /** Chromosome. */
  chrom: string;
  /** First base. */
  start: number;
  /** The base after its last. */
  end: number;
  /** What it is. */
  kind: "region" | "chromosome" | "position" | "gene" | "variant" | "haplotype" | "peak" | "disagreement" | "contrast";
  /** Of a variant or haplotype: as `chrIV:1234:A:G+chrIV:1300:CT:C`, 1-based. */
  variant?: string;
}

/** An assay of the project's tracks. */
export interface ProjectAssay {
  /** As the tracks have it. */
  name: string;
  /** What is counted; empty for an assay that the software does not know. */
  words: string;
  /** The number of its colours, from 0 in the table's order. */
  color: number;
  /** Tracks of it. */
  n_tracks: number;
}

/** The project, its tracks by column (`form=columns`). */
export interface ProjectInColumns {
  /** Of the project. */
  title: string;
  /** Name of the genome. */
  genome: string;
  /** Whether the experiments come from a simulator. */
  simulated: boolean;
  /** How the server knows who is asking: `none` where it does not ask. */
  login: "none" | "passwords" | "proxy";
  /** In the FASTA's order. */
  chromosomes: Chromosome[];
  /** Touching windows of one fold are joined. */
  folds: FoldStretch[];
  /** Bases a bin of the predictions. */
  bin: number;
  /** Bases that the model reads at once. */
  sequence_length: number;
  /** How far from a bin a base can matter to it; null without a model. */
  context_bp: number | null;
  /** Where the page opens, 1-based and inclusive. */
  default_locus: string;
  /** What the page opens on. */
  default_tracks: string[];
  /** Ids of tracks by the name of a set. */
  track_sets: Record<string, string[]>;
  /** Whether there is a model. */
  has_model: boolean;
  /** Of the genome. */
  fingerprint: string;
  /** Changes whenever predictions could; null without a model. */
  model_hash: string | null;
  /** Of the software. */
  version: string;
  /** Networks that taught the model and say how far it is to be trusted; 0 without. */
  members: number;
  /** What is averaged where an effect of a variant is claimed, in words. */
  claims: string;
  /** Tables of measured effects of variants. */
  measured: MeasuredEffects[];
  /** Null where nothing can be predicted on the spot. */
  live: Live | null;
  /** The widest region of a mutagenesis. */
  max_mutagenesis_bp: number;
  /** Those that are the same for every project. */
  limits: Limits;
  /** In the order of the table of tracks. */
  assays: ProjectAssay[];
  /** What a variant can be scored by. */
  scores: VariantScore[];
  /** What networks can be made of. */
  blocks: BlockKind[];
  /** The activations that blocks can have. */
  activations: ActivationKind[];
  /** One list a key of `ProjectTrack`, in the table's order; `held_out` one list a measure. */
  tracks: { id: string[]; name: string[]; assay: string[]; sample: string[]; group: string[]; strand: ("+" | "-" | ".")[]; strand_pair: string[]; replicate_of: string[]; description: string[]; aggregation: ("sum" | "mean")[]; unit: string[]; has_experiment: boolean[]; has_card: boolean[]; has_prediction: boolean[]; modelled: boolean[]; live: boolean[]; held_out: { pearson: (number | null)[]; pearson_log1p: (number | null)[]; r2: (number | null)[]; fold: (string | null)[]; bin: (number | null)[]; n_bins: (number | null)[]; ceiling_log1p: (number | null)[]; ceiling: (number | null)[]; ceiling_of: (string | null)[] }; color: number[] };
}

/** The project. */
export interface ProjectSummary {
  /** Of the project. */
  title: string;
  /** Name of the genome. */
  genome: string;
  /** Whether the experiments come from a simulator. */
  simulated: boolean;
  /** How the server knows who is asking: `none` where it does not ask. */
  login: "none" | "passwords" | "proxy";
  /** In the FASTA's order. */
  chromosomes: Chromosome[];
  /** Touching windows of one fold are joined. */
  folds: FoldStretch[];
  /** Bases a bin of the predictions. */
  bin: number;
  /** Bases that the model reads at once. */
  sequence_length: number;
  /** How far from a bin a base can matter to it; null without a model. */
  context_bp: number | null;
  /** Where the page opens, 1-based and inclusive. */
  default_locus: string;
  /** What the page opens on. */
  default_tracks: string[];
  /** Ids of tracks by the name of a set. */
  track_sets: Record<string, string[]>;
  /** Whether there is a model. */
  has_model: boolean;
  /** Of the genome. */
  fingerprint: string;
  /** Changes whenever predictions could; null without a model. */
  model_hash: string | null;
  /** Of the software. */
  version: string;
  /** Networks that taught the model and say how far it is to be trusted; 0 without. */
  members: number;
  /** What is averaged where an effect of a variant is claimed, in words. */
  claims: string;
  /** Tables of measured effects of variants. */
  measured: MeasuredEffects[];
  /** Null where nothing can be predicted on the spot. */
  live: Live | null;
  /** The widest region of a mutagenesis. */
  max_mutagenesis_bp: number;
  /** Those that are the same for every project. */
  limits: Limits;
  /** In the order of the table of tracks. */
  assays: ProjectAssay[];
  /** What a variant can be scored by. */
  scores: VariantScore[];
  /** What networks can be made of. */
  blocks: BlockKind[];
  /** The activations that blocks can have. */
  activations: ActivationKind[];
  /** In the table's order. */
  tracks: ProjectTrack[];
}

/** A table of scored variants in the project's folder. */
export interface ProjectTable {
  /** What it is asked for by. */
  id: string;
  /** Of the file, from the project's folder. */
  name: string;
  /** Of the file. */
  bytes: number;
}

/** A track: the columns of the tracks table, and what there is of it. */
export interface ProjectTrack {
  /** In the tracks table. */
  id: string;
  /** For people. */
  name: string;
  /** What was measured, and in what. */
  assay: string;
  /** What was measured, and in what. */
  sample: string;
  /** What was measured, and in what. */
  group: string;
  /** `+`, `-`, or `.` for both. */
  strand: "+" | "-" | ".";
  /** Id of the track of the other strand; empty without one. */
  strand_pair: string;
  /** Id of the track that it repeats; empty if none. */
  replicate_of: string;
  /** For people. */
  description: string;
  /** Whether values of bins are sums or means over their bases. */
  aggregation: "sum" | "mean";
  /** Of its values, as `sum per 128 bp`. */
  unit: string;
  /** Whether there is a measured BigWig. */
  has_experiment: boolean;
  /** Whether a card beside it says how it was made. */
  has_card: boolean;
  /** Whether there is a predicted BigWig, or it is predicted on the spot. */
  has_prediction: boolean;
  /** Whether the model predicts it, so that it can be asked. */
  modelled: boolean;
  /** Whether the prediction is made on the spot: there is no predicted BigWig. */
  live: boolean;
  /** Null where it is not known. */
  held_out: HeldOut | null;
  /** Of its assay. */
  color: number;
}

/** What a picture was made of, and how to make it again. */
export interface Provenance {
  /** Name and version. */
  software: string;
  /** The genome. */
  genome: GenomeUsed;
  /** Null without a model. */
  model: ModelUsed | null;
  /** Of the picture, 1-based and inclusive. */
  locus: string;
  /** Of the view. */
  address: string;
  /** That give the very numbers of the picture. */
  commands: Command[];
  /** With their hashes. */
  files: SourceFile[];
  /** Whether every hash is known; status 202 until then. */
  complete: boolean;
  /** All of it for a shell: checks the files, then runs the commands. */
  script: string;
}

/** A read token: a link by which a genome browser reads what its person may see. */
export interface ReadToken {
  /** By which it is revoked; no secret. */
  id: string;
  /** What for. */
  name: string;
  /** Ids of the only tracks that it reads; empty for all that the person may see. */
  tracks: string[];
  /** Seconds since 1970. */
  made: number;
  /** Seconds since 1970. */
  expires: number;
  /** What a script sends; only when it is made. */
  token?: string;
  /** Stands in front of an address to be read, as of `hub/hub.txt`; only when it is made. */
  root?: string;
}

/** A person's read tokens. */
export interface ReadTokens {
  /** Those that hold, the newest first. */
  tokens: ReadToken[];
}

/** Whether the server can answer everything. */
export interface Ready {
  /** Whether it can. */
  ready: boolean;
  /** Whether the project's files could be read. */
  project: Phase;
  /** How the inference worker is. */
  worker: Phase;
  /** Whether there is room for what the server keeps. */
  disk: Phase;
}

/** That a file was removed. */
export interface Removed {
  /** Its id. */
  removed: string;
}

/** How far two measurements of one allele agree. */
export interface Repeats {
  /** Experiments; `other` is empty of all pairs together. */
  one: string;
  /** Experiments; `other` is empty of all pairs together. */
  other: string;
  /** Pairs. */
  n: number;
  /** Correlation. */
  pearson: WithInterval;
  /** What a prediction without error reaches: its root; null where it is not above zero. */
  reachable: number | null;
}

/** That a read token holds no more. */
export interface Revoked {
  /** Its id. */
  revoked: string;
}

/** What may be scored from the page. */
export interface RunLimits {
  /** Of a list; 0 where the server takes none. */
  alleles: number;
  /** After which a list goes, with its scores. */
  days: number;
  /** Networks that can be asked, too. */
  members: number;
  /** Of an allele, as the last lists took with these networks; null before the first. */
  seconds: number | null;
  /** Name of the VCF whose ids are known; empty without one. */
  ids: string;
}

/** How far a genome-wide prediction is. */
export interface RunProgress {
  /** `network`, then `files`. */
  phase: string;
  /** In `unit`. */
  done: number;
  /** In `unit`. */
  total: number;
  /** `bases`, then `tracks`. */
  unit: string;
  /** `unit` a second; null while it is not known. */
  rate: number | null;
  /** Null while they are not known. */
  seconds_left: number | null;
}

/** Which bins of the sequence drive a track's prediction at one bin. */
export interface Saliency {
  /** Its id; "A/B" of the contrast of two tracks, log2((A + 1) / (B + 1)). */
  track: string;
  /** Chromosome. */
  chrom: string;
  /** The bin that is explained. */
  target: Span;
  /** Bases a bin. */
  bin: number;
  /** First base of the first bin of `values`. */
  start: number;
  /** Gradient x representation, signed, a number a bin of the context, in the track's unit; log2 of a contrast. */
  values: (number | null)[];
  /** What can change the target's prediction at all. */
  context: Span;
  /** What of the context lies beyond the chromosome's ends. */
  truncated: Truncated;
}

/** An allele by one score, on one track. */
export interface ScoredAllele {
  /** As it is asked for, 1-based. */
  variant: string;
  /** Chromosome. */
  chrom: string;
  /** First base of the reference allele. */
  position: number;
  /** Alleles. */
  ref: string;
  /** Alleles. */
  alt: string;
  /** Of the list, as an rsID; may be empty. */
  id: string;
  /** Id. */
  track: string;
  /** Null where the model has none. */
  score: number | null;
  /** What the score is the difference of. */
  reference: number | null;
  /** What the score is the difference of. */
  alternative: number | null;
  /** Of what the networks say; null where none were asked. */
  mean: number | null;
  /** Of what the networks say; null where none were asked. */
  deviation: number | null;
  /** Whether they agree with each other and the model; null where none were asked. */
  known: boolean | null;
  /** Of the size among random substitutions that match, 0 to 100; null where there are none. */
  percentile: number | null;
  /** Probability that a measured effect has the sign of the score, or of the SAD; null where nothing is known of it. */
  sign: number | null;
  /** Id of the gene of a score by gene, else of that with the nearest start; may be empty. */
  gene: string;
  /** Its name. */
  gene_name: string;
  /** Bases from that start, along the gene's strand, negative upstream; null without a gene. */
  distance: number | null;
  /** Whether it is what was asked for; other alleles of its site come with it. */
  passes: boolean;
  /** In the project's tables. */
  measured: Measurement[];
}

/** Sites of a table, some of those that were asked for. */
export interface ScoredRows {
  /** Rows of the table: alleles, or alleles and genes of a score by gene. */
  total: number;
  /** Rows that are what was asked for. */
  passing: number;
  /** Sites with any of these. */
  sites: number;
  /** Number of the first site that is given, from 0. */
  first: number;
  /** A site each: its alleles, the largest effect first. */
  rows: ScoredAllele[][];
}

/** The address of a BigWig. */
export interface SharedFile {
  /** Id of the track. */
  track: string;
  /** What of it. */
  kind: string;
  /** For people. */
  name: string;
  /** Where it is. */
  url: string;
}

/** How far the sign of an effect on a track can be believed. */
export interface SignOfTrack {
  /** Its id. */
  track: string;
  /** That a measured effect has the sign of the SAD over all bins that can change; null where that is 0. */
  probability: number | null;
  /** Measured alleles of known sign that this was learned from. */
  alleles: number;
  /** Of them, those predicted with their sign. */
  right: number;
}

/** How far the signs of the effects of variants can be believed, by measured effects. */
export interface SignsOfVariants {
  /** Of measured effects, that this was learned from; empty where there is none of this model. */
  table: string;
  /** What the table calls the effect. */
  effect: string;
  /** Probability below which a sign is not told. */
  told: number;
  /** In the order of the model; those of which enough was measured. */
  tracks: SignOfTrack[];
}

/** A file that a picture's data come from. */
export interface SourceFile {
  /** What it holds. */
  role: string;
  /** Below the project's folder, or its name. */
  path: string;
  /** Size. */
  bytes: number;
  /** Whether it lies in the project's folder. */
  inside: boolean;
  /** Null while it is worked out. */
  sha256: string | null;
}

/** A stretch of a chromosome. */
export interface Span {
  /** First base. */
  start: number;
  /** The base after its last. */
  end: number;
}

/** Where a step leads. */
export interface Step {
  /** Null where there is none. */
  place: GenePlace | PeakPlace | Disagreement | ContrastPlace | TopVariant | null;
  /** Why there is none. */
  note?: string;
}

/** A scored variant with a large effect. */
export interface TopVariant {
  /** What it is called. */
  label: string;
  /** What else is to be said of it, for people; may be empty. */
  detail: string;
  /** Chromosome. */
  chrom: string;
  /** First base. */
  start: number;
  /** The base after its last. */
  end: number;
  /** What it is. */
  kind: "region" | "chromosome" | "position" | "gene" | "variant" | "haplotype" | "peak" | "disagreement" | "contrast";
  /** Of a variant or haplotype: as `chrIV:1234:A:G+chrIV:1300:CT:C`, 1-based. */
  variant?: string;
  /** Its place in the list, from 1. */
  rank: number;
  /** As in the VCF; empty without one. */
  id: string;
  /** Where the effect is largest. */
  track: string;
  /** Which score it is, of `scores` in /api/v1/project. */
  score: string;
  /** The score. */
  value: number;
  /** The score in units of its root mean square over the table. */
  deviation: number;
  /** Whether the networks that taught the model agree on it; null where they were not asked. */
  known: boolean | null;
}

/** The scored variants with the largest effects on some tracks. */
export interface TopVariants {
  /** The largest deviation first. */
  places: TopVariant[];
  /** Files that they are from, below the project's folder. */
  tables: string[];
  /** Why there are none. */
  note?: string;
}

/** How predictions for a track agree with measured effects. */
export interface TrackAgreement {
  /** Its id. */
  track: string;
  /** Measurements. */
  n: number;
  /** Correlation; null below 20 measurements. */
  pearson: WithInterval;
  /** Of ranks. */
  spearman: WithInterval;
  /** Share of the signs that are predicted. */
  same_sign: WithInterval;
  /** Measurements that it is a share of: the significant ones where the table says. */
  signed: number;
  /** Whether sizes of predictions tell significant measurements from others. */
  auroc: WithInterval;
  /** Measurements at a false discovery rate below 5 %. */
  significant: number;
}

/** How the experiment of a track was made. */
export interface TrackCard {
  /** Empty where there is no card beside the BigWig. */
  lines: CardLine[];
  /** Of GC where that was corrected, of fragments where their length was learned. */
  pictures: CardPicture[];
}

/** What variants do to a track over all bins that they can change. */
export interface TrackEffect {
  /** Its id. */
  track: string;
  /** Alternative minus reference. */
  sad: number;
  /** log2(alternative + 1) - log2(reference + 1); null where a sum is not above -1. */
  log2_ratio: number | null;
  /** Of the means over bins, the track's spread added to each; null where one is not above zero. */
  log2: number | null;
  /** Sum of the reference allele. */
  reference: number;
  /** Sum of the alternative allele. */
  alternative: number;
  /** The same of the `local_bins` that the variant changes most. */
  local: LocalEffect;
  /** Standard deviation of the track's prediction over the genome; null where it is not known, and then 1 is added in its place. */
  spread: number | null;
  /** Of the size of `sad` among random substitutions that match, 0 to 100; null where there are none. */
  percentile: number | null;
}

/** What each single-base change does to one track. */
export interface TrackEffects {
  /** Its id; "A/B" of the contrast of two tracks, log2((A + 1) / (B + 1)). */
  track: string;
  /** The prediction at the target as it is, in the track's unit; log2 of a contrast. */
  reference: number;
  /** A row a base, columns A, C, G and T: alternative minus reference; 0 at the reference base. */
  effects: ((number | null)[])[];
}

/** How high the bins of a track are over the genome. */
export interface TrackLevels {
  /** By track, of `experiment` and `prediction` where there is one: the 99th percentile of its bins, in the values of /api/v1/signal. */
  levels: Record<string, Record<string, number>>;
  /** Tracks whose levels are being worked out: ask again. */
  pending: string[];
}

/** How many bases of a context the chromosome's ends cut off. */
export interface Truncated {
  /** Bases. */
  left: number;
  /** Bases. */
  right: number;
}

/** A visitor's own file. */
export interface Upload {
  /** What it is asked for by. */
  id: string;
  /** The visitor's. */
  name: string;
  /** `bigwig` also of bedGraph and wiggle. */
  kind: "bigwig" | "bed" | "vcf";
  /** As it came. */
  bytes: number;
  /** Seconds since 1970. */
  added: number;
  /** Seconds since 1970. */
  expires: number;
  /** Of the file as it came. */
  sha256: string;
  /** Features or alleles; 0 for a BigWig. */
  items: number;
  /** What was left out. */
  note: string;
  /** Address it was fetched from, or empty. */
  source: string;
}

/** A visitor's own files, and what may be added. */
export interface UploadedFiles {
  /** The oldest first. */
  files: Upload[];
  /** How large one may be; 0 where none are taken. */
  upload_mb: number;
  /** After which a file goes. */
  upload_days: number;
  /** Below which the server fetches files. */
  allowed_urls: string[];
}

/** What variants on one sequence do. */
export interface VariantEffects {
  /** In order. */
  variants: AskedVariant[];
  /** Those whose bins are given. */
  tracks: string[];
  /** Bases a bin. */
  bin: number;
  /** How many bins the variants can change. */
  bins: number;
  /** How many `local` is of. */
  local_bins: number;
  /** The largest SAD by size first. */
  ranked: TrackEffect[];
  /** Those with a start in these bins, the one first whose first track changes most; 20 at most. */
  genes: GeneEffect[];
  /** Of one variant, as in `variants`. */
  chrom?: string;
  /** Of one variant, as in `variants`. */
  position?: number;
  /** Of one variant, as in `variants`. */
  ref?: string;
  /** Of one variant, as in `variants`. */
  alt?: string;
  /** First base of the bins that are given; only with `tracks`. */
  start?: number;
  /** A row a track of `tracks`: the reference allele's bins. */
  reference?: ((number | null)[])[];
  /** A row a track: the alternative allele's, aligned to the reference's bins. */
  alternative?: ((number | null)[])[];
  /** What the substitutions are matched on that `percentile` is among; only where there are some. */
  matched_on?: string;
}

/** Motifs that variants make or break. */
export interface VariantMotifs {
  /** The most surprising first. */
  changes: MotifOfVariants[];
}

/** A list of variants that a visitor has scored. */
export interface VariantRun {
  /** Who knows it can read it. */
  id: string;
  /** The visitor's. */
  name: string;
  /** `read`: to be started; then `waiting`, `running`, `done`, or `stopped` or `failed`, after which it can go on. */
  state: "read" | "waiting" | "running" | "done" | "stopped" | "failed";
  /** Why it failed. */
  message: string;
  /** To be scored. */
  alleles: number;
  /** Of these. */
  done: number;
  /** What of the list cannot be scored: a line a kind of reason. */
  left_out: string[];
  /** How many networks are asked, beside the model. */
  members: number;
  /** That it takes, or what is left of it; null while nothing like it was scored here. */
  seconds: number | null;
  /** Alleles of other lists that take turns with this one. */
  waiting: number;
  /** Seconds since 1970. */
  created: number;
  /** Seconds since 1970. */
  expires: number;
}

/** A score of a variant on a track. */
export interface VariantScore {
  /** As commands and tables have it. */
  name: string;
  /** For a person, without the formula. */
  label: string;
  /** With ref and alt, the predictions of a bin, and c, the pseudocount. */
  formula: string;
  /** `track` for that of the track's bins. */
  unit: string;
  /** Whether it needs genes, and has a value for each in reach. */
  by_gene: boolean;
}

/** What can be looked at, and what can be scored. */
export interface VariantTables {
  /** The visitor's, the newest first. */
  runs: VariantRun[];
  /** Those of the project. */
  tables: ProjectTable[];
  /** Reports of studies in the project's folder `studies`, by their paths in it; below /studies. */
  studies: string[];
  /** Of what is scored here. */
  limits: RunLimits;
}

/** A view. */
export interface ViewState {
  /** The parameters of its address, as they stand there. */
  state: Record<string, string>;
}

/** How far a computation is; status 202: ask the same address again. */
export interface Waiting {
  /** `queued` until the worker takes it up. */
  state: "queued" | "running";
  /** Steps that are done. */
  done: number;
  /** Steps there are; 0 while it is queued. */
  total: number;
  /** What it is at, for people. */
  message: string;
  /** Null while nothing is known of it. */
  seconds_left: number | null;
}

/** A number and its 95 % interval. */
export interface WithInterval {
  /** Null where too little is known. */
  value: number | null;
  /** Ends; null where they are not known. */
  low: number | null;
  /** Ends; null where they are not known. */
  high: number | null;
}
