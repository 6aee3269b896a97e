/** The library: `import { Stylizer } from 'fast-style'`; docs/library.md shows how to use it. */

export type { PhotoFormat } from './data/picture-format.ts';
export type { Difference } from './export/export-call.ts';
export { availableStyles } from './infer/find-style.ts';
export { type InspectedStyle, inspectStyle } from './infer/inspect-style.ts';
export { type ListedStyle, listStyles } from './infer/list-styles.ts';
export type { StyleCheck } from './judge/check-call.ts';
export type { FlickerReport, MeasuredFilm } from './judge/flicker-call.ts';
export {
  type BuildDatasetOptions,
  type BuiltDataset,
  buildDataset,
  type SynthDatasetOptions,
  synthDataset,
} from './library/build-dataset.ts';
export { calibrate } from './library/calibrate.ts';
export type { CalibrateCallbacks, CalibrateOptions } from './library/calibrate-options.ts';
export {
  type CheckStyleCallbacks,
  type CheckStyleOptions,
  checkStyle,
} from './library/check-style.ts';
export { compare } from './library/compare.ts';
export type {
  CompareCallbacks,
  ComparedSize,
  CompareOptions,
  Comparison,
} from './library/compare-options.ts';
export { type ExportOptions, exportStyle } from './library/export-style.ts';
export { type ImportOptions, importStyle } from './library/import-style.ts';
export {
  type InspectDatasetOptions,
  type InspectedDataset,
  inspectDataset,
} from './library/inspect-dataset.ts';
export {
  type Diagnosis,
  type DoctorOptions,
  doctor,
  type SetupCallbacks,
  type SetupOptions,
  setup,
} from './library/machine.ts';
export {
  type FlickerCallbacks,
  type FlickerOptions,
  measureFlicker,
} from './library/measure-flicker.ts';
export { optimize, optimizeSteps } from './library/optimize.ts';
export type {
  OptimizeCallbacks,
  OptimizedPicture,
  OptimizeOptions,
  OptimizeScale,
  OptimizeStepCallbacks,
  WeightedPicture,
} from './library/optimize-options.ts';
export type {
  BlendStyle,
  EncodeOptions,
  LoadOptions,
  PaintedPixels,
  PhotoSourceInput,
  PixelInput,
  PlainPhotoInput,
  RgbaInput,
  RgbaOptions,
  RgbaPixels,
  StyleDescription,
  StylizeOptions,
} from './library/options.ts';
export { refine } from './library/refine.ts';
export type { RefineOptions } from './library/refine-options.ts';
export { type ReportOptions, report } from './library/report.ts';
export { type ShrinkOptions, type ShrunkPhoto, shrinkPhoto } from './library/shrink-photo.ts';
export {
  type StylesSheetCallbacks,
  type StylesSheetOptions,
  stylesSheet,
} from './library/styles-sheet.ts';
export { stylizeFiles, watchFolder } from './library/stylize-files.ts';
export type {
  IntoFilesOptions,
  StylizedFile,
  StylizedFiles,
  StylizeFilesCallbacks,
  StylizeFilesOptions,
  WatchFolderCallbacks,
  WatchFolderOptions,
} from './library/stylize-files-options.ts';
export { Stylizer } from './library/stylizer.ts';
export { planTraining, train, trainEach } from './library/train.ts';
export type {
  PlainTensor,
  TrainCallbacks,
  TrainEachCallbacks,
  TrainEachOptions,
  TrainedPainting,
  TrainedStyle,
  TrainLosses,
  TrainOptions,
  TrainProgress,
  TrainSettings,
} from './library/train-options.ts';
export { Trainer } from './library/trainer.ts';
export type { TensorLike, TrainerOptions } from './library/trainer-options.ts';
export { video } from './library/video.ts';
export type {
  PaintedVideo,
  VideoCallbacks,
  VideoOptions,
  VideoProgress,
  VideoSourceInput,
} from './library/video-options.ts';
export {
  type FetchWeightsOptions,
  fetchWeights,
  type ImportWeightsOptions,
  importWeights,
  type LossNetworkFile,
  listWeights,
} from './library/weights.ts';
export type { Check, CheckState } from './machine/examine-machine.ts';
export type { ReadyRuntime } from './machine/settings.ts';
export type { OptimizeProgress } from './optimize/progress.ts';
export type { StylesSheet } from './paint/styles-sheet-call.ts';
export type { WrittenReport } from './report/report-call.ts';
export {
  CheckpointError,
  ConfigError,
  DatasetError,
  FastStyleError,
  FileError,
  ImageError,
  InterruptedError,
  RuntimeSetupError,
  TrainingDivergedError,
  TrainingStoppedError,
  VideoCutError,
  WeightsError,
} from './system/errors.ts';
export type { CalibratedCell, Calibration } from './train/calibrate/cells.ts';
export type { PlanFigures } from './train/plan/figures.ts';
