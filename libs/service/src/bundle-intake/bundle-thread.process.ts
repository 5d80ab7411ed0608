import { answerPieces } from './answer-pieces.js';
import { BundleReading } from './bundle-reading.js';

/** A thread that reads bundles while they come: it holds them to the digest that they carry. */
answerPieces(() => new BundleReading());
