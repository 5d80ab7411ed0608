import type { z } from 'zod';
import { listFiltersOf } from './list-filters.js';
import { SweepState } from './sweeps.js';

/** Query of GET /v1/sweeps: what is given must all hold of a sweep. */
export const ListSweeps = listFiltersOf(SweepState);
export type ListSweeps = z.infer<typeof ListSweeps>;
