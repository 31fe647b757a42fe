export {
  type Inspector,
  type InspectorOpening,
  type InspectorOptions,
  openInspector,
  type VerifyOptions,
} from './lib/inspect/inspector.ts'
export type { Damage, ExtentReport, KeyReport } from './lib/inspect/key-report.ts'
export { type DirectorySurvey, surveyDirectory } from './lib/inspect/survey-directory.ts'
