import { answerPieces } from './answer-pieces.js';
import { DigestReading } from './digest-reading.js';

/** A thread that takes the digests of files while they come, and writes them. */
answerPieces(() => new DigestReading());
