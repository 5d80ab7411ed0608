/** The newest release all of whose parts were on PyPI when this was written. */
export const MLFLOW = 'mlflow==3.17.2';
