/** `npm run graph`: draws docs/graph.md anew from the imports of the code. A test says where it is no longer true. */
import { writeFileSync } from 'node:fs';
import { drawGraph, GRAPH_PAGE } from './graph/draw.ts';

writeFileSync(GRAPH_PAGE, drawGraph());
