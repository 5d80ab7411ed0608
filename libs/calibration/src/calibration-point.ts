/** An operating point as calibration sees it. */
export interface CalibrationPoint {
  readonly name: string;
  /** Its clocks by name, in any unit that is the same for all points; absent where nothing is known of them. */
  readonly clocks?: Readonly<Record<string, number>>;
}
